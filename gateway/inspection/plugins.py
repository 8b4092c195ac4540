"""Plugins, for the command line: the same as in every chat, as the operator, in a person's name or for everybody."""

import asyncio

from adapters.cli.render.printable import as_json as to_json
from adapters.cli.render.printable import printable
from adapters.commands.mcp import ACTIONS, Answer, Asked
from adapters.door import open_door
from clara.invocation import call
from clara.plugins.plugin import EVERYBODY
from clara.settings import load
from gateway.inspection.people import whom
from gateway.servers.reached import reached


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
            return await ACTIONS[action](asked)

    with reached():
        return asyncio.run(answered())


def shown(answer: Answer, as_json: bool) -> str:
    return to_json(answer.data, indent=2) if as_json else printable(answer.text)
