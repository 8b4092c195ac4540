"""What a person allows Clara to do with their memories."""

from clara.memory.kinds import Owner
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("preferences", "memory_people", "t.user_id = %(person)s"),)


async def shares_private(pool: Pool, owner: Owner) -> bool:
    """Whether what this person told in private may surface where others read."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute("select share_private from memory_people where user_id = %s", (owner,))
        ).fetchone()
    return bool(row and row["share_private"])


async def share_private(pool: Pool, owner: Owner, allowed: bool) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into memory_people (user_id, share_private) values (%s, %s)"
            " on conflict (user_id) do update set share_private = excluded.share_private",
            (owner, allowed),
        )
