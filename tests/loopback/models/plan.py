"""What the model server is to answer, whichever of the two APIs it is asked through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.loopback.models.request import Request

Ending = Literal["whole", "cut", "eof", "stall", "error", "garbage", "not-utf-8", "odd-shapes"]
"""``cut`` breaks the connection, ``eof`` ends the stream properly but too early, ``stall`` falls silent
until the client hangs up, ``error`` sends an error event, ``garbage`` an event that is no JSON, ``not-utf-8``
one that is no text, and ``odd-shapes`` one of other types than the API's."""

Sloppiness = Literal["", "no-index", "no-id", "zero-index", "repeated-id", "repeated-name", "object-arguments", "stop"]
"""How a server of the Chat Completions API strays from it in tool calls."""


@dataclass(frozen=True)
class ToolUse:
    name: str
    arguments: dict[str, Any] | str = field(default_factory=dict)
    """A string is sent as it is, whether it is JSON or not."""
    id: str | None = None
    """Made up by the server where None; empty for none at all."""


@dataclass(frozen=True)
class Reply:
    text: str | tuple[str, ...] = ""
    """A string is streamed word by word, a tuple piece by piece."""
    calls: tuple[ToolUse, ...] = ()
    thinking: str = ""
    stop: Literal["", "length", "refusal", "error"] = ""
    """Otherwise the end or the tool calls."""
    pause_s: float = 0.0
    """Before each piece."""
    ending: Ending = "whole"
    after: int = 3
    """Pieces that are sent before an ending other than ``whole``."""
    error: str = "overloaded_error"
    sloppy: Sloppiness = ""
    model: str = ""
    """How the model is called in the answer, where that is not the name in the request."""


@dataclass(frozen=True)
class Refusal:
    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    """Sent instead of the API's own error object, as HTML."""


Shape = Literal["text", "thinking", "arguments", "comments", "line", "lines", "bomb", "error"]
"""What never ends: texts, thoughts or arguments in proper events; comments between events; a line without
its end; lines without the blank one that ends an event; texts, compressed; the body of an error."""


@dataclass(frozen=True)
class Flood:
    """An answer without an end, as fast as it is read."""

    shape: Shape
    megabytes: int = 200
    """Then it is cut, so that a client that takes everything fails instead of filling the machine."""
    piece: str = "word " * 40
    """Of each event."""


Plan = Reply | Refusal | Flood
Script = Callable[[Request], Plan | None]
"""Chooses an answer from the request alone; None leaves it to the scenario that the model's name is."""


class Refused(Exception):
    def __init__(self, status: int, kind: str, message: str):
        super().__init__(message)
        self.refusal = Refusal(status, kind, message)
