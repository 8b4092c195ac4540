"""Renderings of past turns, kept in memory between the steps and turns of a conversation.

A past turn reads the same every time, and a long conversation has sixty of them. A rendering is kept with
the version of what it was made of, and is used only beside a turn that the store has just shown to be there
in that version: what was amended is rendered anew, and what was wiped is not even asked for.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from clara.messages import Message

LIMIT_BYTES = 8 * 2**20
"""Of all renderings of a process, some 4,000 turns. Conversations beyond that are rendered as if they were new."""

IDLE_S = 3_600.0
"""A conversation with nothing to do for so long is let go; its workflow ends then, too."""

_MESSAGE_BYTES = 700
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Rendering:
    version: str
    messages: tuple[Message, ...]
    tokens: int

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""
        return _MESSAGE_BYTES * len(self.messages) + _BYTES_PER_TOKEN * self.tokens


@dataclass(frozen=True)
class _Kept:
    by_turn: Mapping[str, Rendering]
    bytes: int
    used: float


class Renderings:
    """By conversation, those used last; bounded in size and in age."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def of(self, conversation: str) -> Mapping[str, Rendering]:
        """What is kept for a conversation, by turn."""
        kept = self._kept.get(conversation)
        return kept.by_turn if kept else {}

    def keep(self, conversation: str, by_turn: Mapping[str, Rendering]) -> None:
        """Keep these and no others for the conversation: a turn that it no longer reads is let go."""
        self._drop(conversation)
        size = sum(rendering.bytes for rendering in by_turn.values())
        self._kept[conversation] = _Kept(by_turn, size, monotonic())
        self._bytes += size
        for oldest in list(self._kept):
            if self._bytes <= self._limit and monotonic() - self._kept[oldest].used < IDLE_S:
                break
            self._drop(oldest)

    def _drop(self, conversation: str) -> None:
        kept = self._kept.pop(conversation, None)
        if kept:
            self._bytes -= kept.bytes
