"""Runs of schedules: each is begun once, and those that come too late all at once are one."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from clara.schedules.schedule import Due, Ran
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("schedule_runs", "schedule_runs", "t.user_id = %(person)s"),)

SAID_LIMIT = 4_000
"""Characters that are kept of what a run said."""

KEPT = 100
"""Runs that are kept of each schedule."""


@dataclass(frozen=True)
class Run:
    schedule_id: str
    due_at: datetime
    begun_at: datetime
    ended_at: datetime | None
    state: str
    said: str


_COLUMNS: LiteralString = "schedule_id, due_at, begun_at, ended_at, state, said"


async def begin(pool: Pool, due: Due, user_id: str = "") -> Run | None:
    """Begin a run, or return the one of an earlier attempt; None where it is not to be run.

    After an absence Temporal asks for all that was missed: what was due before another run had begun is not run.
    """
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('schedule/' || %s, 0))", (due.schedule_id,)
        )
        row = await (
            await connection.execute(
                f"select {_COLUMNS} from schedule_runs where schedule_id = %s and due_at = %s",
                (due.schedule_id, due.at),
            )
        ).fetchone()
        if row:
            return Run(**row)
        later = await (
            await connection.execute(
                "select 1 from schedule_runs where schedule_id = %s and begun_at >= %s and state <> 'skipped' limit 1",
                (due.schedule_id, due.at),
            )
        ).fetchone()
        if later and not due.by_hand:
            return None
        row = await (
            await connection.execute(
                f"insert into schedule_runs (schedule_id, due_at, user_id) values (%s, %s, %s) returning {_COLUMNS}",
                (due.schedule_id, due.at, user_id),
            )
        ).fetchone()
        await connection.execute(
            "delete from schedule_runs where schedule_id = %(id)s and due_at < (select due_at from schedule_runs"
            " where schedule_id = %(id)s order by due_at desc offset %(kept)s limit 1)",
            {"id": due.schedule_id, "kept": KEPT},
        )
    assert row is not None
    return Run(**row)


async def end(pool: Pool, due: Due, ran: Ran) -> None:
    """Record what came of it, once."""
    async with pool.connection() as connection:
        await connection.execute(
            "update schedule_runs set state = %s, said = %s, ended_at = now()"
            " where schedule_id = %s and due_at = %s and ended_at is null",
            (ran.state, ran.said[-SAID_LIMIT:], due.schedule_id, due.at),
        )


async def last(pool: Pool, schedule_id: str, limit: int = 1, before: datetime | None = None) -> list[Run]:
    """The newest runs, newest first; only those due ``before``, if given."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from schedule_runs where schedule_id = %(id)s"
                " and (%(before)s::timestamptz is null or due_at < %(before)s) order by due_at desc limit %(limit)s",
                {"id": schedule_id, "before": before, "limit": limit},
            )
        ).fetchall()
    return [Run(**row) for row in rows]
