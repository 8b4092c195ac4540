"""The newest turns as a list, for a window of any width."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

from rich.cells import cell_len

from adapters.cli.render.printable import one_line
from adapters.door import open_door
from clara.messages import TurnStatus
from clara.settings import Settings
from store.turns import inspection
from store.turns.inspection import Listed, short

STATUSES: tuple[TurnStatus, ...] = get_args(TurnStatus)

_WORDS = 60
"""Characters of a message where nothing limits the line."""

_FEWEST_WORDS = 24
"""Where fewer would fit on the line, the message has a line of its own."""


async def listed(
    settings: Settings, limit: int, conversation: str | None, statuses: Sequence[TurnStatus]
) -> list[Listed]:
    async with open_door(settings) as door:
        return await door.store(inspection.newest, limit, whole(settings, conversation), statuses)


def whole(settings: Settings, conversation: str | None) -> str | None:
    """A conversation's id; a name alone is one of the person at this terminal."""
    if conversation is None or "/" in conversation:
        return conversation
    return f"cli/{settings.runtime.cli_user}/{conversation}"


def as_json(turns: Sequence[Listed]) -> list[dict[str, Any]]:
    return [
        {
            "turn": turn.id,
            "status": turn.status,
            "conversation": turn.conversation,
            "user": turn.user,
            "message": turn.words,
            "started_at": turn.started_at.isoformat(),
            "ended_at": turn.ended_at.isoformat() if turn.ended_at else None,
        }
        for turn in turns
    ]


def as_text(turns: Sequence[Listed], columns: int | None) -> str:
    """``columns`` of the window; None where the list goes elsewhere. No column but the message is ever cut."""
    if not turns:
        return "There are no such turns."
    rows = [(short(t.id), t.status, _clock(t.started_at), _took(t), t.conversation) for t in turns]
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    lines = []
    for turn, row in zip(turns, rows, strict=True):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        room = _WORDS if columns is None else columns - len(line) - 3
        if room >= _FEWEST_WORDS:
            lines.append(f"{line}  {_fitting(turn.words, room)}")
            continue
        assert columns is not None
        if len(line.rstrip()) < columns:
            lines.append(line.rstrip())
        else:
            lines += ["  ".join(row[:4]), f"  {row[4]}"]
        lines.append(f"  {_fitting(turn.words, columns - 3)}")
    return "\n".join(lines)


def _fitting(words: str, columns: int) -> str:
    """The beginning of ``words`` in so many columns; a character may take two."""
    line = one_line(words, columns)
    while cell_len(line) > columns:
        line = line.removesuffix("…")[:-1].rstrip() + "…"
    return line


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%m-%d %H:%M}"


def _took(turn: Listed) -> str:
    return f"{(turn.ended_at - turn.started_at).total_seconds():.1f} s" if turn.ended_at else ""
