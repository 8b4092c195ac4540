"""The operator's schedules as they were last applied, so that what runs once is not begun again at each start."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from clara.schedules.tasks import PREFIX, Task
from store.database import Pool

IMPERSONAL = {"operator_schedules": "shell commands of the operator's own file"}


async def apply(pool: Pool, tasks: Sequence[Task]) -> dict[str, datetime]:
    """Make these the ones that are known; by name, since when each is there in this form."""
    names = [task.name for task in tasks]
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtextextended('schedules', 0))")
        gone = await (
            await connection.execute("delete from operator_schedules where name <> all(%s) returning name", (names,))
        ).fetchall()
        changed = []
        for task in tasks:
            done = await connection.execute(
                "insert into operator_schedules as o (name, definition) values (%s, %s) on conflict (name) do update"
                " set definition = excluded.definition, first_seen = now() where o.definition <> excluded.definition"
                " returning xmax <> 0 as was_there",
                (task.name, Jsonb(task.model_dump(mode="json"))),
            )
            row = await done.fetchone()
            if row and row["was_there"]:
                changed.append(task.schedule_id)
        # Its runs are those of another command, or at other times.
        await connection.execute(
            "delete from schedule_runs where schedule_id = any(%s)",
            ([*changed, *(PREFIX + row["name"] for row in gone)],),
        )
        rows = await (await connection.execute("select name, first_seen from operator_schedules")).fetchall()
    return {row["name"]: row["first_seen"] for row in rows}


async def known(pool: Pool) -> list[tuple[Task, datetime]]:
    """Those that were applied, by name."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select definition, first_seen from operator_schedules order by name")
        ).fetchall()
    return [(Task.model_validate(row["definition"], extra="ignore"), row["first_seen"]) for row in rows]
