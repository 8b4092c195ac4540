"""What models stream, made fit to be stored: whole characters and parsed arguments."""

import json
from typing import Any

from activities.llm.provider import OnText
from clara.text import storable, storable_value


class Full(Exception):
    """The parts of an answer have become more than it may have; what came before counts."""


class Room:
    """How much an answer may still grow."""

    OVERHEAD = 100
    """Bytes that a call or a block costs beside its text, so that no end of empty ones is an end as well."""

    def __init__(self, limit: int):
        self._left = limit

    def take(self, text: str = "", overhead: int = 0) -> None:
        """Raise Full if there is no room for ``text``; called before it is kept."""
        self._left -= overhead + len(text.encode("utf-8", "surrogatepass"))
        if self._left < 0:
            raise Full


class TextDeltas:
    """Joins the pieces of one text.

    Some servers cut an emoji into the two halves that JSON escapes know, one in each piece. Halves
    and NUL are no text that a database or UTF-8 could carry, so halves wait for their other half,
    lonely ones become U+FFFD and NULs are dropped.
    """

    def __init__(self, on_text: OnText):
        self._on_text = on_text
        self._pieces: list[str] = []
        self._half = ""

    def add(self, piece: str) -> None:
        piece = self._half + piece
        self._half = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        self._emit(piece.removesuffix(self._half) if self._half else piece)

    def end(self) -> str:
        """The whole text, once no more pieces will come."""
        self._emit(self._half)
        self._half = ""
        return "".join(self._pieces)

    def _emit(self, piece: str) -> None:
        if piece := storable(piece):
            self._pieces.append(piece)
            self._on_text(piece)


def parse_arguments(raw: str, cut_off: bool = False) -> tuple[dict[str, Any], str | None]:
    """The arguments of a tool call, or nothing and the raw text where that is no JSON object.

    No text at all means no arguments, unless the answer was cut off before they came.
    """
    if not raw.strip() and not cut_off:
        return {}, None
    try:
        # Constants such as NaN are no JSON; escapes such as \u0000 only become characters by parsing.
        value = storable_value(json.loads(storable(raw), parse_constant=_refuse))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return {}, storable(raw)
    return value, None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
