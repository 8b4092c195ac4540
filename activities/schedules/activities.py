"""What a run of a schedule does. Each step may be repeated: a notice and a message have the run's key."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from temporalio import activity
from temporalio.client import Client

from activities.notices import notify
from activities.shell import running
from clara.notices import Notice
from clara.schedules import cron
from clara.schedules.schedule import Begun, Cron, Due, Once, Ran, Schedule, When, prompt, reminder
from clara.schedules.tasks import PREFIX, Task
from store.database import Pool
from store.schedules import operators, runs, schedules
from store.turns import turns
from temporal.contracts.schedules import Schedules
from temporal.schedules import delete
from temporal.starting.conversations import hear

log = logging.getLogger(__name__)

STILL_AT_WORK = "The one before was still at work."
AT_WORK = timedelta(days=1)
"""A turn that was asked for longer ago is not waited for."""


class ScheduleActivities(Schedules):
    """``home`` is where commands run that name no folder; ``zone`` that of the operator's times."""

    def __init__(self, pool: Pool, client: Client, home: Path, zone: str) -> None:
        self._pool = pool
        self._client = client
        self._home = home
        self._zone = zone

    @activity.defn(name="schedules.begin")
    async def begin(self, due: Due) -> Begun:
        if due.schedule_id.startswith(PREFIX):
            return await self._begin_command(due)
        schedule = await schedules.get(self._pool, due.schedule_id)
        if schedule is None:
            await delete(self._client, due.schedule_id)  # it was deleted, or its person is forgotten
        elif schedule.state == "active" or due.by_hand:
            await self._run(schedule, due)
        return Begun()

    async def _run(self, schedule: Schedule, due: Due) -> None:
        if not due.by_hand and not _occurs(schedule.when, due):
            return
        due = _named(schedule.when, due)
        run = await runs.begin(self._pool, due, schedule.place.user.id)
        if run is not None and run.ended_at is None:
            ran = await self._told(schedule, due, run.begun_at)
            await runs.end(self._pool, due, ran)
            log.info("%s: %s", due.key, ran.state)
        if isinstance(schedule.when, Once) and not due.by_hand:
            await schedules.change(self._pool, schedule.id, "done")
            await delete(self._client, schedule.id)

    async def _told(self, schedule: Schedule, due: Due, now: datetime) -> Ran:
        if schedule.kind == "reminder":
            place = schedule.place
            notice = Notice(
                key=f"schedule/{due.key}",
                user_id=place.user.id,
                to=place.conversation,
                text=reminder(schedule, due.at, now),
            )
            await notify(self._pool, self._client, notice)
            return Ran(state="told")
        if await self._is_at_work(schedule, due):
            return Ran(state="skipped", said=STILL_AT_WORK)
        await hear(self._client, prompt(schedule, due.at, now))
        return Ran(state="asked")

    async def _is_at_work(self, schedule: Schedule, due: Due) -> bool:
        """Whether the turn of the run before has not ended: a conversation must not fill up with one prompt."""
        for before in await runs.last(self._pool, schedule.id, limit=5, before=due.at):
            if before.state == "asked" and due.at - before.begun_at < AT_WORK:
                turn = await turns.get(self._pool, prompt(schedule, before.due_at, before.begun_at).turn_id)
                return turn is None or turn.ended_at is None
        return False

    async def _begin_command(self, due: Due) -> Begun:
        found = await self._task(due)
        if found is None:
            return Begun()
        task, since = found
        when = task.when(since, self._zone)
        if not due.by_hand and not _occurs(when, due):
            return Begun()
        run = await runs.begin(self._pool, _named(when, due))
        if run is None or run.ended_at is not None:
            return Begun()
        return Begun(command=True, timeout_s=task.timeout)

    @activity.defn(name="schedules.command")
    async def command(self, due: Due) -> Ran:
        found = await self._task(due)
        if found is None:
            return Ran(state="skipped", said="It is no longer in the file.")
        task, since = found
        ran = await self._ran(task, due)
        # Recorded here: what a command prints is in no history.
        await self._record(due, _named(task.when(since, self._zone), due), ran)
        return Ran(state=ran.state)

    async def _ran(self, task: Task, due: Due) -> Ran:
        folder = _folder(task) or self._home
        variables = {"CLARA_SCHEDULE": task.name, "CLARA_DUE": due.at.isoformat()}
        try:
            ended = await running.run(task.command, task.timeout, folder, variables)
        except OSError as error:
            return Ran(state="failed", said=f"It could not be begun: {error.strerror}: {folder}")
        if ended.is_late:
            return Ran(state="failed", said=f"{ended.output}\nEnded after {task.timeout} s, which is its timeout.")
        if ended.code:
            return Ran(state="failed", said=f"{ended.output}\nIt ended with exit code {ended.code}.")
        return Ran(state="done", said=ended.output)

    @activity.defn(name="schedules.end")
    async def end(self, due: Due, ran: Ran) -> None:
        found = await self._task(due)
        if found is not None:
            task, since = found
            await self._record(due, _named(task.when(since, self._zone), due), ran)

    async def _record(self, due: Due, run: Due, ran: Ran) -> None:
        await runs.end(self._pool, run, ran)
        # What it printed may be a secret: `clara schedule show` has it.
        log.log(logging.WARNING if ran.state == "failed" else logging.INFO, "%s: %s", due.key, ran.state)

    async def _task(self, due: Due) -> tuple[Task, datetime] | None:
        name = due.schedule_id.removeprefix(PREFIX)
        return next((each for each in await operators.known(self._pool) if each[0].name == name), None)


def _named(when: When, due: Due) -> Due:
    """What is to happen once is this one run, however late it is and however often Temporal asks for it."""
    return due.model_copy(update={"at": when.at}) if isinstance(when, Once) and not due.by_hand else due


def _folder(task: Task) -> Path | None:
    return Path(task.working_dir).expanduser() if task.working_dir else None


def _occurs(when: When, due: Due) -> bool:
    """False for what Temporal runs too much where an hour comes twice."""
    return not isinstance(when, Cron) or cron.occurs(when.expression, when.zone, due.at)
