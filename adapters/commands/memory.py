"""What a person's own memory holds of them."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.memory.requests import ACTIONS


async def _memory(request: Request, arguments: Arguments) -> CommandResult:
    action, text = arguments.get("action", "list"), arguments.get("text", "")
    answer = await request.door.memory(request.asker.id, request.key, action, text)
    return CommandResult(answer.text, is_forgotten=answer.is_forgotten)


MEMORY = Command(
    "memory",
    "Look at what I remember of you, add to it, correct it or have it forgotten",
    _memory,
    (
        Option("action", "what to do, list if you do not say", ACTIONS),
        Option("text", "words to search for, a fact to add, a memory's id, on or off, or yes"),
    ),
)
