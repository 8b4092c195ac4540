"""Plugins, for the command line: the same as in every chat, as the operator, in a person's name or for everybody."""

import asyncio
import re

from adapters.cli.render.printable import as_json as to_json
from adapters.cli.render.printable import printable
from adapters.commands import mcp
from adapters.commands.mcp import Answer, Asked
from adapters.door import open_door
from clara.errors import UserError
from clara.invocation import call
from clara.plugins.plugin import EVERYBODY
from clara.settings import load
from gateway.inspection.people import whom
from gateway.servers.reached import reached

_ACTION = re.compile(r"(?<=mcp )[a-z]+(?:_[a-z]+)+")


def done(action: str, text: str, user: str | None, everybody: bool, secret: str = "") -> Answer:
    """What an action answers; UserError where it cannot be done, NotRunning where Clara does not run."""

    async def answered() -> Answer:
        settings = load()
        async with open_door(settings) as door:
            asked = Asked(
                door=door,
                settings=settings,
                user_id=EVERYBODY if everybody and user is None and action != "install" else whom(user),
                admin=True,  # whoever can give this command has the whole installation
                prefix=f"{call('mcp')} ",
                text=text,
                secret=secret,
                everybody=everybody,
            )
            try:
                return await mcp.done(action, asked)
            except UserError as error:
                raise UserError(_as_typed(str(error))) from error

    with reached():
        return asyncio.run(answered())


def shown(answer: Answer, as_json: bool) -> str:
    return to_json(answer.data, indent=2) if as_json else printable(_as_typed(answer.text))


def _as_typed(text: str) -> str:
    """Commands have hyphens where actions in a chat have underscores."""
    return _ACTION.sub(lambda found: found[0].replace("_", "-"), text)
