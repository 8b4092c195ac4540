"""Schedules of people. The store is what counts: Temporal's schedules are made after it."""

from typing import Any, LiteralString

from clara.errors import UserError
from clara.schedules.schedule import PER_PERSON, Schedule, State
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("schedules", "schedules", "t.user_id = %(person)s"),)

_COLUMNS: LiteralString = "id, kind, text, run_when, zone, place, state, created_at, origin"


def _schedule(row: dict[str, Any]) -> Schedule:
    return Schedule.model_validate({**{k: v for k, v in row.items() if k != "run_when"}, "when": row["run_when"]})


async def add(pool: Pool, schedule: Schedule) -> Schedule:
    """Keep a new one; one of its id stays as it is, and is returned. UserError where the person has too many."""
    user_id = schedule.place.user.id
    async with pool.connection() as connection, connection.transaction():
        # One at a time for each person, or two at once would count the same number.
        await connection.execute("select pg_advisory_xact_lock(hashtextextended('schedules/' || %s, 0))", (user_id,))
        row = await (
            await connection.execute(f"select {_COLUMNS} from schedules where id = %s", (schedule.id,))
        ).fetchone()
        if row:
            return _schedule(row)
        counted = await (
            await connection.execute(
                "select count(*) as number from schedules where user_id = %s and state <> 'done'", (user_id,)
            )
        ).fetchone()
        if counted and counted["number"] >= PER_PERSON:
            raise UserError(f"There are {PER_PERSON} schedules already, which is the limit. Delete one first.")
        await connection.execute(
            "insert into schedules (id, user_id, kind, text, run_when, zone, place, state, created_at, origin)"
            " values (%s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s, %s, %s)",
            (
                *(schedule.id, user_id, schedule.kind, schedule.text, schedule.when.model_dump_json(), schedule.zone),
                *(schedule.place.model_dump_json(), schedule.state, schedule.created_at, schedule.origin),
            ),
        )
    return schedule


async def get(pool: Pool, id: str) -> Schedule | None:
    async with pool.connection() as connection:
        row = await (await connection.execute(f"select {_COLUMNS} from schedules where id = %s", (id,))).fetchone()
    return _schedule(row) if row else None


async def of_person(pool: Pool, user_id: str) -> list[Schedule]:
    """Those that are not done, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from schedules where user_id = %s and state <> 'done' order by created_at, id",
                (user_id,),
            )
        ).fetchall()
    return [_schedule(row) for row in rows]


async def everybodys(pool: Pool) -> list[Schedule]:
    """Those that are not done, of all people."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from schedules where state <> 'done' order by user_id, created_at, id"
            )
        ).fetchall()
    return [_schedule(row) for row in rows]


async def change(pool: Pool, id: str, state: State, user_id: str | None = None) -> Schedule | None:
    """Set the state of one, of this person's if given; None where there is none, or where it is done."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "update schedules set state = %(state)s where id = %(id)s and state <> 'done'"
                f" and (%(user)s::text is null or user_id = %(user)s) returning {_COLUMNS}",
                {"state": state, "id": id, "user": user_id},
            )
        ).fetchone()
    return _schedule(row) if row else None


async def delete(pool: Pool, id: str, user_id: str | None = None) -> bool:
    """Delete one with its runs, of this person's if given; False where there is none."""
    async with pool.connection() as connection, connection.transaction():
        done = await connection.execute(
            "delete from schedules where id = %(id)s and (%(user)s::text is null or user_id = %(user)s)",
            {"id": id, "user": user_id},
        )
        if done.rowcount:
            await connection.execute("delete from schedule_runs where schedule_id = %s", (id,))
    return done.rowcount == 1
