"""What models stream, made fit to be stored: whole characters and parsed arguments."""

import json
from typing import Any

from activities.llm.provider import OnText
from clara.text import storable


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
        # Constants such as NaN are no JSON, and no jsonb column would take them.
        value = json.loads(storable(raw), parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return {}, storable(raw)
    return _storable_values(value), None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _storable_values(value: Any) -> Any:
    # Escapes such as \u0000 only become characters when the JSON is parsed.
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable_values(item) for item in value]
        case dict():
            return {storable(key): _storable_values(item) for key, item in value.items()}
    return value
