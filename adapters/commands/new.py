"""Beginning anew."""

from adapters.commands.command import Arguments, Command, CommandResult, Request
from store import conversations


async def _new(request: Request, _: Arguments) -> CommandResult:
    await request.door.store(conversations.start_fresh, request.key)
    return CommandResult("A fresh start: I no longer read what was said here before.")


NEW = Command(
    "new",
    "Start a fresh conversation: I no longer read what was said before",
    _new,
    rights="deciders",
    public=True,
)
