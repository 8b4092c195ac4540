"""The time zone that a person has set, for where their platform does not tell it."""

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("time_zones", "time_zones", "t.user_id = %(person)s"),)


async def get(pool: Pool, user_id: str) -> str | None:
    async with pool.connection() as connection:
        row = await (await connection.execute("select zone from time_zones where user_id = %s", (user_id,))).fetchone()
    return row["zone"] if row else None


async def set(pool: Pool, user_id: str, zone: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into time_zones (user_id, zone) values (%s, %s)"
            " on conflict (user_id) do update set zone = excluded.zone",
            (user_id, zone),
        )
