"""Objects in S3 that are to be deleted: said in the transaction that lets go of them, done once S3 lets it.

A trigger of ``kept_files`` fills the table, so that whatever deletes a row there cannot leave an object behind.
"""

from dataclasses import dataclass

from store.database import Pool

IMPERSONAL = {"object_deletions": "names of objects in S3 that say nothing, until they are deleted there"}

FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 3600


@dataclass(frozen=True)
class Doomed:
    bucket: str
    object: str


async def due(pool: Pool, limit: int = 100) -> list[Doomed]:
    """Those that it is time to delete, or to try again."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select bucket, object from object_deletions where due_at <= now() order by due_at limit %s", (limit,)
            )
        ).fetchall()
    return [Doomed(**row) for row in rows]


async def deleted(pool: Pool, doomed: Doomed) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "delete from object_deletions where bucket = %s and object = %s", (doomed.bucket, doomed.object)
        )


async def postpone(pool: Pool, doomed: Doomed) -> None:
    """It could not be deleted: to be tried again, after ever longer pauses of an hour at most."""
    async with pool.connection() as connection:
        await connection.execute(
            "update object_deletions set attempts = attempts + 1,"
            " due_at = now() + make_interval(secs => least(%s * power(2, least(attempts, 20)), %s))"
            " where bucket = %s and object = %s",
            (FIRST_PAUSE_S, LONGEST_PAUSE_S, doomed.bucket, doomed.object),
        )


async def waiting(pool: Pool) -> int:
    """How many there are."""
    async with pool.connection() as connection:
        row = await (await connection.execute("select count(*) as n from object_deletions")).fetchone()
    return int(row["n"]) if row else 0
