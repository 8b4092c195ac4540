"""Whose box is which, what was begun in it, and which workers have a back end.

Files of a box are with its back end. Where a person's rows are deleted, their box is noted to be wiped, in the
same transaction (a trigger), because only a worker of the sandbox can do that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (
    Personal("sandboxes", "sandbox_boxes", "t.user_id = %(person)s"),
    Personal("sandbox_runs", "sandbox_runs", "t.user_id = %(person)s"),
)
IMPERSONAL = {
    "sandbox_wipes": "boxes to be deleted, by ids that name nobody",
    "sandbox_workers": "which back end of the sandbox each worker has",
}

KEPT = timedelta(days=30)
"""Runs are no longer of interest after that: no turn lasts as long."""

SEEN = timedelta(seconds=60)
"""A worker that has not been heard of for so long has no back end."""


@dataclass(frozen=True)
class Box:
    id: str
    mixed: bool
    """Words of others may have got into it."""


@dataclass(frozen=True)
class Begun:
    """A run that an earlier attempt has begun."""

    alive_for: timedelta
    """How long that attempt may still be alive; negative once it cannot be."""


@dataclass(frozen=True)
class State:
    """What the workers of the sandbox say."""

    backend: str
    usable: bool
    about: str


async def box_of(pool: Pool, user_id: str, mixed: bool = False) -> Box:
    """A person's box, which is theirs from now on, and used from now on. ``mixed`` stays once it was said."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "insert into sandbox_boxes as t (user_id, box, mixed, running) values (%s, %s, %s, true)"
                " on conflict (user_id) do update"
                " set used_at = now(), running = true, mixed = t.mixed or excluded.mixed"
                " returning box as id, mixed",
                (user_id, uuid4().hex, mixed),
            )
        ).fetchone()
    assert row is not None
    return Box(**row)


async def idle(pool: Pool, seconds: float) -> Sequence[str]:
    """Boxes that run and were not used for so long."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select box from sandbox_boxes where running and used_at < now() - make_interval(secs => %s)",
                (seconds,),
            )
        ).fetchall()
    return [row["box"] for row in rows]


async def stopped(pool: Pool, box: str, seconds: float) -> None:
    """A box that was idle for so long runs no more, unless somebody has begun to use it meanwhile."""
    async with pool.connection() as connection:
        await connection.execute(
            "update sandbox_boxes set running = false where box = %s and used_at < now() - make_interval(secs => %s)",
            (box, seconds),
        )


async def to_wipe(pool: Pool) -> Sequence[str]:
    """Boxes whose person is gone."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("select box from sandbox_wipes order by asked_at")).fetchall()
    return [row["box"] for row in rows]


async def wiped(pool: Pool, box: str) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from sandbox_wipes where box = %s", (box,))


async def begin(pool: Pool, key: str, user_id: str, conversation: str, tool: str, lease_s: float) -> Begun | None:
    """Note that a run begins. None if it was not begun before: then it is the caller's, who may begin it."""
    async with pool.connection() as connection:
        made = await connection.execute(
            "insert into sandbox_runs (key, user_id, conversation, tool, alive_until)"
            " values (%s, %s, %s, %s, now() + make_interval(secs => %s)) on conflict do nothing",
            (key, user_id, conversation, tool, lease_s),
        )
        if made.rowcount:
            return None
        row = await (
            await connection.execute(
                "select case when ended_at is null then alive_until - now() else interval '-1 s' end as alive_for"
                " from sandbox_runs where key = %s",
                (key,),
            )
        ).fetchone()
    return Begun(**row) if row else Begun(timedelta(seconds=-1))


async def renew(pool: Pool, key: str, lease_s: float) -> None:
    """The attempt that began a run is alive; so its box is used."""
    async with pool.connection() as connection:
        await connection.execute(
            "with renewed as (update sandbox_runs set alive_until = now() + make_interval(secs => %s)"
            " where key = %s returning user_id)"
            " update sandbox_boxes set used_at = now() where user_id in (select user_id from renewed)",
            (lease_s, key),
        )


async def end(pool: Pool, key: str) -> None:
    async with pool.connection() as connection:
        await connection.execute("update sandbox_runs set ended_at = now() where key = %s", (key,))


async def ran_before(pool: Pool, key: str, user_id: str, conversation: str, tool: str) -> bool:
    """Whether a tool was run in a conversation before this call of it."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select 1 from sandbox_runs where user_id = %s and conversation = %s and tool = %s and key <> %s"
                " limit 1",
                (user_id, conversation, tool, key),
            )
        ).fetchone()
    return row is not None


async def prune(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from sandbox_runs where begun_at < now() - %s", (KEPT,))
        await connection.execute("delete from sandbox_workers where seen_at < now() - interval '1 day'")


async def report(pool: Pool, worker: str, state: State) -> None:
    """Say what a worker has; to be repeated, because it holds for a minute."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into sandbox_workers (worker, backend, usable, about) values (%s, %s, %s, %s)"
            " on conflict (worker) do update set backend = excluded.backend, usable = excluded.usable,"
            " about = excluded.about, seen_at = now()",
            (worker, state.backend, state.usable, state.about),
        )


async def state(pool: Pool) -> State | None:
    """What the workers have that are there now, a usable one before others; None where there is no worker."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select backend, usable, about from sandbox_workers where seen_at > now() - %s"
                " order by usable desc, seen_at desc limit 1",
                (SEEN,),
            )
        ).fetchone()
    return State(**row) if row else None
