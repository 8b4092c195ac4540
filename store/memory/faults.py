"""Answers of the extracting model that could not be used, and turns from which nothing was learned for that."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from clara.memory.kinds import Owner
from store.database import Pool
from store.memory.writing import lock_turn
from store.people.personal import Personal

PERSONAL = (Personal("memory_faults", "memory_faults", "t.user_id = %(person)s"),)

KEPT_DAYS = 90
SHOWN_DAYS = 30


@dataclass(frozen=True)
class Lost:
    """Messages from which nothing could be learned."""

    number: int
    since: datetime
    kind: str
    """The type of the error that the newest of them ended with."""


@dataclass(frozen=True)
class Malformed:
    """How often a model's answers were not usable, of how many."""

    model: str
    malformed: int
    answers: int


async def count(pool: Pool, turn_id: str, owner: Owner, model: str, kind: str) -> None:
    """Count a fault of a turn that is still there. Old ones of anybody go."""
    async with pool.connection() as connection, connection.transaction():
        if await lock_turn(connection, owner, turn_id):
            await connection.execute(
                "insert into memory_faults (turn_id, user_id, model, kind, lost) values (%s, %s, %s, %s, false)",
                (turn_id, owner, model, kind),
            )
            await connection.execute(
                "delete from memory_faults where created_at < now() - make_interval(days => %s)", (KEPT_DAYS,)
            )


async def lose(pool: Pool, turn_id: str, owner: Owner, model: str, kind: str) -> None:
    """Keep that nothing will be learned from a turn, once; what was found in it so far goes."""
    async with pool.connection() as connection, connection.transaction():
        if await lock_turn(connection, owner, turn_id):
            await connection.execute(
                "insert into memory_faults (turn_id, user_id, model, kind, lost) select %(turn)s, %(owner)s, %(model)s,"
                " %(kind)s, true where not exists (select from memory_faults where turn_id = %(turn)s and lost)",
                {"turn": turn_id, "owner": owner, "model": model, "kind": kind},
            )
            await connection.execute("delete from memory_lessons where turn_id = %s", (turn_id,))


async def lost(pool: Pool, owner: Owner) -> Lost | None:
    """What could not be learned from a person's messages of the last SHOWN_DAYS days."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select count(*) as number, min(created_at) as since,"
                " (array_agg(kind order by created_at desc))[1] as kind from memory_faults"
                " where user_id = %s and lost and created_at > now() - make_interval(days => %s)",
                (owner, SHOWN_DAYS),
            )
        ).fetchone()
    return Lost(**row) if row and row["number"] else None


BY_MODEL: LiteralString = (
    "select model, count(*) filter (where not fine)::int as malformed, count(*)::int as answers from ("
    " select model, false as fine, created_at, user_id from memory_faults where kind = 'malformed' and not lost"
    " union all select model, true, created_at, user_id from memory_lessons) as told"
    " where created_at > now() - make_interval(days => %(days)s) and (%(owner)s::text is null or user_id = %(owner)s)"
    " group by model having count(*) filter (where not fine) > 0 order by 2 desc, 1"
)
"""By model: answers that were not usable, of all. ``owner`` null: of everybody."""

LOST_OF_ALL: LiteralString = (
    "select count(*) from memory_faults where lost and created_at > now() - make_interval(days => %(days)s)"
)


async def malformed(pool: Pool, days: int, owner: Owner | None = None) -> list[Malformed]:
    """By model, the worst first: what could not be used in the last days, from everybody or from one person."""
    async with pool.connection() as connection:
        rows = await (await connection.execute(BY_MODEL, {"days": days, "owner": owner})).fetchall()
    return [Malformed(**row) for row in rows]
