"""The encrypted values of the variables, or headers, that plugins need."""

from clara.plugins.plugin import EVERYBODY
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("plugin_secrets", "plugin_secrets", "t.user_id = %(person)s", export=None),)


async def seal(pool: Pool, id: str, user_id: str, name: str, sealed: bytes) -> None:
    """Keep the encrypted value of a variable or header, for a person or with EVERYBODY for all who use it.

    What is everybody's begins a new generation; a person's own ends no server but theirs.
    """
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "insert into plugin_secrets (plugin_id, user_id, name, sealed) values (%s, %s, %s, %s)"
            " on conflict (plugin_id, user_id, name) do update set sealed = excluded.sealed",
            (id, user_id, name, sealed),
        )
        if user_id == EVERYBODY:
            await connection.execute("update plugins set generation = generation + 1 where id = %s", (id,))


async def sealed_for(pool: Pool, id: str, user_id: str) -> dict[str, tuple[str, bytes]]:
    """Owners and encrypted values by name: everybody's, overruled by the person's own."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select user_id, name, sealed from plugin_secrets where plugin_id = %s and user_id in (%s, %s)"
                " order by user_id <> %s",
                (id, EVERYBODY, user_id, EVERYBODY),
            )
        ).fetchall()
    return {row["name"]: (row["user_id"], bytes(row["sealed"])) for row in rows}
