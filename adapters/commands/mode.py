"""When she answers in a channel."""

from typing import get_args

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.attention import Mode
from clara.errors import UserError

_MODES: dict[Mode, str] = {
    "active": "I answer every message in this channel.",
    "mention": "I answer in this channel when I am mentioned, or when somebody replies to me.",
    "off": "I am silent in this channel.",
}


async def _mode(request: Request, arguments: Arguments) -> CommandResult:
    if request.face.mode() is None:
        raise UserError("A mode belongs to a channel of a server.")
    mode = next(mode for mode in _MODES if mode == arguments["mode"])
    await request.face.set_mode(mode)
    return CommandResult(_MODES[mode])


MODE = Command(
    "mode",
    "Choose when I answer in this channel",
    _mode,
    (Option("mode", "when I answer", get_args(Mode), required=True),),
    rights="admins",
    public=True,
    channels=True,
)
