"""What waits for something outside in a conversation."""

from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.commands.command import Arguments, Command, CommandResult, Request
from clara.errors import UserError
from store.turns import turns, waits

SHOWN = 80
"""Characters of the message that is answered."""


async def _tasks(request: Request, _: Arguments) -> CommandResult:
    """All of them, numbered, the oldest first."""
    lines = []
    for number, wait in enumerate(await request.door.store(waits.of_conversation, request.key), 1):
        turn = await request.door.store(turns.get, wait.turn_id)
        asked = f", for {turn.message.user.name}: {_short(turn.message.text)}" if turn else ""
        since, until = _at(wait.begun_at, request.zone), _at(wait.until, request.zone)
        lines.append(f"{number}. {wait.about}, since {since}, until {until}{asked}")
    if not lines:
        return CommandResult("No task is waiting.")
    return CommandResult("\n".join([*lines, f"To stop one: {request.face.prefix}stop NUMBER"]))


async def turn_of(request: Request, number: str) -> str:
    """The id of the turn with a ``number`` of the list; UserError if there is none."""
    found = await request.door.store(waits.of_conversation, request.key)
    if not number.isdecimal() or not 0 < int(number) <= len(found):
        raise UserError(f"There is no task {number}. {request.face.prefix}tasks lists them.")
    return found[int(number) - 1].turn_id


def _at(time: datetime, zone: ZoneInfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


TASKS = Command("tasks", "List the tasks that wait for something, such as somebody's answer", _tasks)
