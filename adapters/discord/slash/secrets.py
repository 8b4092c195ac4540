"""The dialog in which a person types what nobody else may read: only they see it, and it is in no channel.

It is known again by what stands in its id, so it may be filled in after a restart.
"""

import json
from typing import Any

import discord

from adapters.commands.command import SECRET, SECRET_LIMIT, Arguments
from clara.errors import UserError

PREFIX = "clara:secret:"
ID_LIMIT = 100
TITLE_LIMIT = LABEL_LIMIT = 45
TITLE = "Only you and I read this"


def dialog(name: str, arguments: Arguments, wanted: str) -> discord.ui.Modal:
    """For the command ``name``; UserError where its arguments are too long to come back with the dialog."""
    custom_id = PREFIX + json.dumps([name, dict(arguments)], separators=(",", ":"))
    if len(custom_id) > ID_LIMIT:
        raise UserError("These names are too long for a dialog of Discord. Please do it in a chat on the terminal.")
    field = discord.ui.InputText(label=wanted[:LABEL_LIMIT], custom_id=SECRET, max_length=SECRET_LIMIT)
    return discord.ui.Modal(field, title=TITLE[:TITLE_LIMIT], custom_id=custom_id, store=False)


def filled(data: dict[str, Any]) -> tuple[str, Arguments] | None:
    """The command of a dialog that was filled in, and its arguments with the secret; None for somebody else's."""
    custom_id = str(data.get("custom_id", ""))
    if not custom_id.startswith(PREFIX):
        return None
    try:
        name, arguments = json.loads(custom_id.removeprefix(PREFIX))
        typed = next(
            str(field["value"])
            for row in data["components"]
            for field in row.get("components", ())
            if field.get("custom_id") == SECRET
        )
        return str(name), {**{str(key): str(value) for key, value in arguments.items()}, SECRET: typed.strip()}
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration):
        return None
