"""The list of what can be asked for."""

from adapters.commands.command import Arguments, Command, CommandResult, Request


async def _help(request: Request, _: Arguments) -> CommandResult:
    face = request.face
    table = [(f"{face.prefix}{command.usage}", command.summary) for command in request.commands]
    return CommandResult("\n".join(face.hints), (*table, *face.local))


HELP = Command("help", "List these commands", _help)
