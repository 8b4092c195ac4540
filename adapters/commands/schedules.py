"""What is to happen at a time: a person's own schedules, and the time zone that they are in."""

from zoneinfo import ZoneInfo

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request, Row
from clara.errors import UserError
from clara.schedules.schedule import Schedule, State, described, local
from store.people import zones
from store.schedules import runs, schedules
from temporal import schedules as planning

SHOWN = 80
"""Characters of what is told or asked."""


async def _schedules(request: Request, arguments: Arguments) -> CommandResult:
    action, id = arguments.get("action", ""), arguments.get("id", "")
    if not action:
        return await _list(request)
    found = await request.door.store(schedules.get, id) if id else None
    if found is None or found.place.user.id != request.asker.id:
        raise UserError(f"You have no schedule {id!r}. {request.face.prefix}schedules lists them.")
    if action == "delete":
        # Temporal's first: if this ends in between, the row is still there to be deleted.
        await request.door.temporal(planning.plan, found.model_copy(update={"state": "done"}))
        await request.door.store(schedules.delete, id, request.asker.id)
        return CommandResult(f"Deleted: {_short(found.text)}")
    state: State = "paused" if action == "pause" else "active"
    changed = await request.door.store(schedules.change, id, state, request.asker.id)
    if changed is None:
        raise UserError("That has been done already.")
    await request.door.temporal(planning.plan, changed)
    return CommandResult("Paused." if action == "pause" else "It goes on.")


async def _list(request: Request) -> CommandResult:
    found = await request.door.store(schedules.of_person, request.asker.id)
    if not found:
        return CommandResult('There are none. Tell me what you want, such as "remind me at six to call Max".')
    rows = [await _row(request, each) for each in found]
    return CommandResult(f"{request.face.prefix}{SCHEDULES.usage}", rows)


async def _row(request: Request, schedule: Schedule) -> Row:
    last = await request.door.store(runs.last, schedule.id)
    facts = [described(schedule.when, schedule.zone), *(["paused"] if schedule.state == "paused" else [])]
    facts += [f"last {local(run.begun_at, schedule.zone)}: {run.state}" for run in last]
    return schedule.id, f"{_short(schedule.text)} ({'; '.join(facts)})"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


async def _timezone(request: Request, arguments: Arguments) -> CommandResult:
    wanted = arguments.get("zone", "")
    if not wanted:
        kept = await request.door.store(zones.get, request.asker.id)
        return CommandResult(f"Your time zone is {kept or request.zone}{'' if kept else ', which you have not set'}.")
    try:
        ZoneInfo(wanted)
    except (KeyError, ValueError, OSError) as error:
        raise UserError(f"I do not know the time zone {wanted[:60]!r}. It is called like Europe/Berlin.") from error
    await request.door.store(zones.set, request.asker.id, wanted)
    return CommandResult(f"Your time zone is {wanted} now. Schedules that there are keep theirs.")


SCHEDULES = Command(
    "schedules",
    "List your reminders and other schedules, pause or delete one",
    _schedules,
    (Option("action", "what to do with one", ("pause", "resume", "delete")), Option("id", "of which one")),
)
TIMEZONE = Command(
    "timezone", "Show or set your time zone", _timezone, (Option("zone", "its name, such as Europe/Berlin"),)
)
