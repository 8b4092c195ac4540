"""The buttons under a question: they work however old they are, and after any restart."""

from collections.abc import Sequence

from adapters.discord.api.rest import Json
from store.approvals import Approval, Scope

PREFIX = "clara:approval:"

DENY = "no"

_ACTION_ROW, _BUTTON = 1, 2
_GRAY, _GREEN, _RED = 2, 3, 4

_WAYS: tuple[tuple[Scope, str, int], ...] = (
    ("once", "Allow", _GREEN),
    ("conversation", "Allow in this conversation", _GRAY),
    ("always", "Allow always", _GRAY),
)


def buttons(asked: Sequence[Approval]) -> list[Json]:
    """For all that is asked together; a yes that lasts is offered only where it may last for each."""
    lasting = all(each.lasting for each in asked)
    ways = [(scope, label, style) for scope, label, style in _WAYS if lasting or scope == "once"]
    card = asked[0].card
    return [
        {
            "type": _ACTION_ROW,
            "components": [
                {"type": _BUTTON, "style": style, "label": label, "custom_id": f"{PREFIX}{card}:{way}"}
                for way, label, style in (*ways, (DENY, "No", _RED))
            ],
        }
    ]
