"""Choices as buttons. All that a click needs is in the button's id, so that it works after any restart."""

from collections.abc import Sequence

from adapters.discord.api.rest import Json

PREFIX = "clara:say:"
"""With a label of at most 80 characters behind it, within the 100 that an id may have."""


def row(choices: Sequence[str]) -> Json:
    buttons = [{"type": 2, "style": 1, "label": each, "custom_id": f"{PREFIX}{each}"} for each in choices]
    return {"type": 1, "components": buttons}
