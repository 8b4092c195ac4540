"""Which memories have their vector in which collection: what ``reindex`` goes by."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from clara.memory.kinds import Memory, Owner
from store.database import Pool
from store.memory.records import COLUMNS
from store.memory.writing import lock

_INDEXED: LiteralString = "state = 'active' and kind <> 'emotional'"
_ELSEWHERE: tuple[LiteralString, ...] = ("is null", "< %(collection)s", "> %(collection)s")
"""What "is distinct from" means, in a form that an index serves."""


async def missing(pool: Pool, owner: Owner, ids: Sequence[str], collection: str) -> list[Memory]:
    """Those of ``ids`` that have no vector in ``collection``, or one that says less than the book."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {COLUMNS} from memories where user_id = %s and id = any(%s) and {_INDEXED}"
                " and collection is distinct from %s",
                (owner, [UUID(i) for i in ids], collection),
            )
        ).fetchall()
    return [Memory(**row) for row in rows]


async def mark(pool: Pool, owner: Owner, indexed: Sequence[tuple[str, bool]], collection: str) -> set[str]:
    """Vectors are in ``collection`` now; returns the ids that are still memories.

    One that is no longer private since it was read counts as not indexed, so that it is written anew.
    """
    async with pool.connection() as connection, connection.transaction():
        await lock(connection, owner)  # two of these at once would lock the same rows in different orders
        rows = await (
            await connection.execute(
                "update memories m set collection = case when m.private = t.private then %s end"
                " from unnest(%s::uuid[], %s::boolean[]) as t (id, private)"
                " where m.id = t.id and m.user_id = %s and m.state = 'active' returning m.id::text",
                (collection, [UUID(i) for i, _ in indexed], [private for _, private in indexed], owner),
            )
        ).fetchall()
    return {row["id"] for row in rows}


async def next_missing(pool: Pool, collection: str, limit: int) -> list[Memory]:
    """Some memories of anybody that have no vector in ``collection``; read from an index, however many there are."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                " union all ".join(
                    f"(select {COLUMNS} from memories where {_INDEXED} and collection {other} limit %(limit)s)"
                    for other in _ELSEWHERE
                )
                + " limit %(limit)s",
                {"collection": collection, "limit": limit},
            )
        ).fetchall()
    return [Memory(**row) for row in rows]


async def progress(pool: Pool, collection: str) -> tuple[int, int]:
    """How many memories have their vector in ``collection``, and how many there are."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select count(*) filter (where collection = %s) as done, count(*) as total"
                f" from memories where {_INDEXED}",
                (collection,),
            )
        ).fetchone()
    assert row is not None
    return row["done"], row["total"]


async def is_complete(pool: Pool, collection: str) -> bool:
    """Whether every memory has its vector in ``collection``; as quick."""
    return not await next_missing(pool, collection, 1)
