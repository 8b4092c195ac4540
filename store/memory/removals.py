"""What forgotten memories have left outside of the book, to be removed even if the process that forgets dies.

It is noted in the transaction that forgets, and removed twice: at once, and again when no writer can be at work any
more that had read the memory before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from clara.memory.kinds import Owner, scope
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (Personal("removals", "memory_removals", "t.user_id = %(person)s", export=None),)

BATCH = 100


@dataclass(frozen=True)
class Removal:
    """Of one memory; ``turn_id`` is the message it was learned from, where it was."""

    owner: Owner
    memory_id: str
    turn_id: str | None
    removed: bool
    """It was already, and is to be removed once more."""


async def note(connection: Connection, owner: Owner, forgotten: Sequence[tuple[str, str | None]]) -> None:
    """Memories, each with its turn, that are being forgotten in the caller's transaction."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "insert into memory_removals (memory_id, user_id, turn_id) values (%s, %s, %s)"
            " on conflict (memory_id) do nothing",
            [(UUID(memory_id), owner, turn_id) for memory_id, turn_id in forgotten],
        )


async def of(pool: Pool, owner: Owner, digits: str) -> list[Removal]:
    """Of a memory of this person whose id begins with ``digits``, which are hexadecimal."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select user_id, memory_id::text, turn_id, removed from memory_removals"
                " where user_id = %s and replace(memory_id::text, '-', '') like %s",
                (owner, f"{digits}%"),
            )
        ).fetchall()
    return [_removal(row) for row in rows]


async def due(pool: Pool) -> list[Removal]:
    """Some that are to be done now, of anybody."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select user_id, memory_id::text, turn_id, removed from memory_removals where due_at <= now()"
                " order by due_at limit %s",
                (BATCH,),
            )
        ).fetchall()
    return [_removal(row) for row in rows]


def _removal(row: dict[str, Any]) -> Removal:
    return Removal(scope(row["user_id"]), row["memory_id"], row["turn_id"], row["removed"])


async def done(pool: Pool, memory_ids: Sequence[str]) -> None:
    """They were removed. The first time they are to be once more, in an hour: activities of memory end well before."""
    ids = [UUID(each) for each in memory_ids]
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "delete from memory_removals where memory_id = any(%s) and removed and due_at <= now()", (ids,)
        )
        await connection.execute(
            "update memory_removals set removed = true, due_at = now() + interval '1 hour'"
            " where memory_id = any(%s) and not removed",
            (ids,),
        )
