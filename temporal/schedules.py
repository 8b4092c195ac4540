"""Temporal's schedules, made after what the store says: each starts the workflow of a run when one is due.

They hold ids and times, and no word of anybody's. All functions raise RPCError where Temporal does not answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from clara.schedules import cron
from clara.schedules.schedule import AGAIN_WITHIN, ONCE_WITHIN, Cron, Every, Once, RunRequest, When
from clara.schedules.schedule import Schedule as PersonsSchedule
from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT
from temporal.starting.once import start_once

RUN = "ScheduledRun"
PREFIX = "schedule/"


@dataclass(frozen=True)
class Planned:
    """What Temporal is to have. ``person`` is whose it is; empty for the operator's."""

    id: str
    when: When
    paused: bool
    about: str
    """For Temporal's page: of what kind it is, and no words."""
    person: str = ""


@dataclass(frozen=True)
class Looked:
    """What Temporal says of one."""

    next_at: datetime | None
    paused: bool
    ran: int
    missed: int
    """Too late to be caught up, because everything was switched off for longer."""
    overlapped: int
    """Left out, because the run before was still at work."""


async def apply(client: Client, planned: Planned) -> None:
    """Make one, or change one that is different. Safe to repeat."""
    schedule, handle = _schedule(planned, datetime.now(UTC)), _handle(client, planned.id)
    try:
        await client.create_schedule(handle.id, schedule, rpc_timeout=RPC_TIMEOUT)
    except ScheduleAlreadyRunningError:
        found = await handle.describe(rpc_timeout=RPC_TIMEOUT)
        if found.schedule.state.note == schedule.state.note:
            return  # after an update Temporal catches up on nothing that was due before it

        async def changed(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule)

        await handle.update(changed, rpc_timeout=RPC_TIMEOUT)


async def plan(client: Client, schedule: PersonsSchedule) -> None:
    """Have Temporal run a person's, or run it no more. Safe to repeat."""
    if schedule.state == "done":
        await delete(client, schedule.id)
    else:
        is_paused = schedule.state == "paused"
        about = f"a {schedule.kind}"
        await apply(client, Planned(schedule.id, schedule.when, is_paused, about, schedule.place.user.id))


async def delete(client: Client, id: str) -> None:
    """Delete one; nothing where there is none."""
    try:
        await _handle(client, id).delete(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def run(client: Client, id: str, unique: str, person: str | None = None) -> None:
    """Have one run now, beside its times; ``unique`` names the wish."""
    request = RunRequest(schedule_id=id, by_hand=True)
    run_id = f"schedule-run/{id}/{unique}"
    await start_once(client, RUN, request, id=run_id, summary=f"{id}, by hand", person=person)


async def look(client: Client, id: str) -> Looked | None:
    """None where Temporal has none."""
    try:
        found = await _handle(client, id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    info = found.info
    return Looked(
        info.next_action_times[0] if info.next_action_times else None,
        found.schedule.state.paused,
        info.num_actions,
        info.num_actions_missed_catchup_window,
        info.num_actions_skipped_overlap,
    )


async def ids(client: Client) -> set[str]:
    """Those that Temporal has; its list lags behind by about a second."""
    found = set()
    async for each in await client.list_schedules(rpc_timeout=RPC_TIMEOUT):
        if each.id.startswith(PREFIX):
            found.add(each.id.removeprefix(PREFIX))
    return found


def _handle(client: Client, id: str) -> ScheduleHandle:
    return client.get_schedule_handle(PREFIX + id)


def _schedule(planned: Planned, now: datetime) -> Schedule:
    once = isinstance(planned.when, Once)
    person = [SearchAttributePair(attributes.USER, planned.person)] if planned.person else []
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RUN,
            RunRequest(schedule_id=planned.id),
            id=f"schedule-run/{planned.id}",
            task_queue=queues.TURNS,
            static_summary=planned.about,
            typed_search_attributes=TypedSearchAttributes(person),
        ),
        spec=_spec(planned.when, now),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP,
            catchup_window=ONCE_WITHIN if once else AGAIN_WITHIN,
            pause_on_failure=False,
        ),
        state=ScheduleState(
            paused=planned.paused,
            limited_actions=once,
            remaining_actions=1 if once else 0,
            note=f"{planned.about} ({_mark(planned, now)})",
        ),
    )


def _mark(planned: Planned, now: datetime) -> str:
    """The same for what is to be the same. Temporal itself gives back other specs than it was given."""
    moved = cron.moved(planned.when.expression, planned.when.zone, now) if isinstance(planned.when, Cron) else []
    told = f"{planned.when.model_dump_json()} {planned.paused} {moved}"
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _spec(when: When, now: datetime) -> ScheduleSpec:
    if isinstance(when, Once):
        # To the second: what is due within a second from now must not be past when Temporal hears of it.
        return ScheduleSpec(calendars=[_at(max(when.at.astimezone(UTC), now + timedelta(seconds=1)))])
    if isinstance(when, Every):
        every = timedelta(seconds=when.seconds)
        since_epoch = timedelta(seconds=int(when.since.timestamp()))
        return ScheduleSpec(intervals=[ScheduleIntervalSpec(every, offset=since_epoch % every)])
    assert isinstance(when, Cron)
    return ScheduleSpec(
        cron_expressions=[when.expression],
        calendars=[_at(time) for time in cron.moved(when.expression, when.zone, now)],
        time_zone_name=when.zone,
    )


def _at(time: datetime) -> ScheduleCalendarSpec:
    def exactly(value: int) -> list[ScheduleRange]:
        return [ScheduleRange(value)]

    return ScheduleCalendarSpec(
        year=exactly(time.year),
        month=exactly(time.month),
        day_of_month=exactly(time.day),
        hour=exactly(time.hour),
        minute=exactly(time.minute),
        second=exactly(time.second),
    )
