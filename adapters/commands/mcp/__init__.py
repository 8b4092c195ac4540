"""Plugins: what people may ask of them in every chat, and operators at the command line."""

from collections.abc import Mapping
from dataclasses import replace

from adapters.commands.command import SECRET, Arguments, Command, CommandResult, Option, Request
from adapters.commands.mcp import changing, connecting, looking
from adapters.commands.mcp.asked import Action, Answer, Asked
from clara.errors import UserError
from clara.plugins.requests import Address
from clara.plugins.telling import typed

__all__ = ["ACTIONS", "MCP", "Answer", "Asked", "done"]

ACTIONS: Mapping[str, Action] = {
    "list": looking.list_,
    "status": looking.status,
    "tools": looking.tools,
    "search": looking.search,
    "install": changing.install,
    "uninstall": changing.uninstall,
    "enable": changing.enable,
    "disable": changing.disable,
    "restart": changing.restart,
    "refresh": changing.refresh,
    "oauth_start": connecting.oauth_start,
    "oauth_complete": connecting.oauth_complete,
    "oauth_status": connecting.oauth_status,
    "oauth_set_token": connecting.oauth_set_token,
    "set": connecting.set_,
    "usage": looking.usage,
    "doctor": looking.doctor,
}


async def _mcp(request: Request, arguments: Arguments) -> CommandResult:
    asked = Asked(
        door=request.door,
        settings=request.settings,
        user_id=request.asker.id,
        admin=request.admin,
        prefix=f"{request.face.prefix}mcp ",
        text=arguments.get("text", ""),
        secret=arguments.get(SECRET, ""),
        address=Address(to=request.key),
    )
    return CommandResult((await done(arguments.get("action") or "list", asked)).text)


async def done(action: str, asked: Asked) -> Answer:
    """What an action answers, with what can be typed as it is typed there. UserError where it cannot be done."""
    try:
        answer = await ACTIONS[action](asked)
    except UserError as error:
        raise UserError(typed(str(error), asked.prefix)) from error
    return replace(answer, text=typed(answer.text, asked.prefix))


MCP = Command(
    "mcp",
    "Look at plugins (MCP servers), install them, and switch them on and off",
    _mcp,
    (
        Option("action", "what to do, list if you do not say", tuple(ACTIONS)),
        Option("text", "the plugin's name, what to install, or words to search for"),
    ),
    secret=lambda arguments: connecting.wanted(arguments.get("action", "").lower(), arguments.get("text", "")),
)
