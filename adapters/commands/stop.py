"""Stopping what is being done."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from adapters.commands.tasks import turn_of


async def _stop(request: Request, arguments: Arguments) -> CommandResult:
    number = arguments.get("number")
    turn_id = await turn_of(request, number) if number else None
    return CommandResult("I am stopping." if await request.face.stop(turn_id) else "There is nothing to stop here.")


STOP = Command(
    "stop",
    "Stop what I am doing right now, or one of the tasks that wait",
    _stop,
    (Option("number", "which one, as the list of tasks counts them"),),
)
