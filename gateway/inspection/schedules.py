"""Everybody's schedules and those of the operator's file, for the command line."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from temporalio.client import Client

from activities.schedules.planning import plan_operators
from adapters.cli.render.printable import one_line, printable
from clara.errors import UserError
from clara.invocation import call
from clara.schedules.schedule import State, described, local
from clara.schedules.tasks import PREFIX
from clara.settings import Settings, load
from clara.sources import scheduler
from gateway.errors import NotRunning
from gateway.servers import namespace
from gateway.servers.reached import reached
from store.database import Pool, open_pool
from store.schedules import operators, runs, schedules
from store.schedules.runs import Run
from temporal import schedules as planning
from temporal.schedules import Looked

T = TypeVar("T")

SHOWN = 60
RUNS = 20


@dataclass(frozen=True)
class Listed:
    id: str
    whose: str
    """Empty for the operator's."""
    does: str
    when: str
    zone: str
    text: str
    state: str
    temporal: Looked | None
    """None where Temporal has none: paused in the file, or not yet planned."""
    last: Run | None


def listed() -> list[Listed]:
    return _done(_all)


def one(id: str) -> tuple[Listed, list[Run]]:
    """With its last runs; UserError where there is none of this id."""

    async def found(settings: Settings, pool: Pool, client: Client) -> tuple[Listed, list[Run]]:
        for each in await _all(settings, pool, client):
            if each.id == _id(id, await _names(pool)):
                return each, await runs.last(pool, each.id, RUNS)
        raise UserError(f"There is no schedule {id!r}. They are listed by: {call('schedule list')}")

    return _done(found)


def run(id: str) -> None:
    """Have one run now."""

    async def ran(settings: Settings, pool: Pool, client: Client) -> None:
        known = _id(id, await _names(pool))
        schedule = await schedules.get(pool, known)
        if schedule is None and not known.startswith(PREFIX):
            raise UserError(f"There is no schedule {id!r}. They are listed by: {call('schedule list')}")
        person = schedule.place.user.id if schedule else None
        await planning.run(client, known, uuid.uuid4().hex[:12], person)

    _done(ran)


def change(id: str, action: Literal["pause", "resume", "delete"]) -> None:
    """Of a person's; those of the file are changed there."""

    async def changed(settings: Settings, pool: Pool, client: Client) -> None:
        if _id(id, await _names(pool)).startswith(PREFIX):
            raise UserError(
                f"{id} is in {settings.runtime.home / scheduler.FILE}: change it there, then: {call('schedule apply')}"
            )
        state: State = "paused" if action == "pause" else "active"
        found = await (schedules.get(pool, id) if action == "delete" else schedules.change(pool, id, state))
        if found is None:
            raise UserError(f"There is no schedule {id!r}. They are listed by: {call('schedule list')}")
        if action == "delete":
            await planning.delete(client, id)
            await schedules.delete(pool, id)
        else:
            await planning.plan(client, found)

    _done(changed)


def apply() -> list[str]:
    """Read the operator's file and plan what it says; the names. Misconfigured says what is wrong with it."""

    async def applied(settings: Settings, pool: Pool, client: Client) -> list[str]:
        runtime = settings.runtime
        tasks = scheduler.read(runtime.home, runtime.timezone)
        await plan_operators(pool, client, tasks, runtime.timezone)
        return [f"{task.name}{'' if task.enabled else ' (not enabled)'}" for task in tasks]

    return _done(applied)


def as_table(found: list[Listed]) -> str:
    lines = []
    for each in found:
        facts = [each.when, each.state]
        facts += [f"next {local(each.temporal.next_at, each.zone)}"] if each.temporal and each.temporal.next_at else []
        facts += [f"last {local(each.last.begun_at, each.zone)}: {each.last.state}"] if each.last else []
        whose = f" of {each.whose}" if each.whose else ""
        lines.append(f"{each.id}  {each.does}{whose}: {one_line(each.text, SHOWN)}\n    {'; '.join(facts)}")
    return "\n".join(lines) or "There are no schedules."


def as_page(found: Listed, past: list[Run]) -> str:
    lines = [as_table([found]), "", printable(found.text)]
    if found.temporal and (found.temporal.overlapped or found.temporal.missed):
        lines += ["", f"Left out: {found.temporal.overlapped} because the one before was still at work, "
                      f"{found.temporal.missed} because everything was switched off for too long."]  # fmt: skip
    for each in past:
        said = f"\n{printable(each.said.strip())}" if each.said.strip() else ""
        lines += ["", f"due {local(each.due_at, found.zone)}, begun {_clock(each.begun_at)}: {each.state}{said}"]
    return "\n".join(lines)


def as_json(found: Listed) -> dict[str, Any]:
    return asdict(found)


def _clock(time: datetime) -> str:
    return f"{time.astimezone():%H:%M:%S}"


async def _all(settings: Settings, pool: Pool, client: Client) -> list[Listed]:
    found = []
    for schedule in await schedules.everybodys(pool):
        looked, last = await planning.look(client, schedule.id), await runs.last(pool, schedule.id)
        when, zone = described(schedule.when, schedule.zone), schedule.zone
        whose, newest = schedule.place.user.id, last[0] if last else None
        found.append(
            Listed(schedule.id, whose, schedule.kind, when, zone, schedule.text, schedule.state, looked, newest)
        )
    for task, since in await operators.known(pool):
        looked, last = await planning.look(client, task.schedule_id), await runs.last(pool, task.schedule_id)
        zone = task.timezone or settings.runtime.timezone
        when, state = described(task.when(since, zone), zone), "active" if task.enabled else "not enabled"
        newest = last[0] if last else None
        found.append(Listed(task.schedule_id, "", "command", when, zone, task.command, state, looked, newest))
    return found


async def _names(pool: Pool) -> set[str]:
    return {task.name for task, _ in await operators.known(pool)}


def _id(typed: str, names: set[str]) -> str:
    """One of the file may be called by its name."""
    return f"{PREFIX}{typed}" if typed in names else typed


def _done(work: Callable[[Settings, Pool, Client], Awaitable[T]]) -> T:
    async def connected() -> T:
        settings = load()
        url = settings.runtime.database_url
        if url is None:
            raise NotRunning(f"There is no database yet. Start Clara with: {call('start')}")
        client = await namespace.connected(settings)
        pool = await open_pool(url, max_size=2)
        try:
            return await work(settings, pool, client)
        finally:
            await pool.close()

    with reached():
        return asyncio.run(connected())
