"""How much of a conversation a model reads: the newest turns that fit, cut in steps.

The start of the window moves ten turns at a time and not with every turn: what stands before the
newest message then stays the same for a while, which is what providers can cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 60
"""Turns read at most; older ones are found by searching the transcript."""

STRIDE = 10
"""Turns by which the window's start moves."""

CHARACTERS_PER_TOKEN = 3.2
"""A careful average: English prose has about 4, code and other languages fewer."""

IMAGE_TOKENS = 1_600
"""What providers charge for the largest image that is sent."""


@dataclass(frozen=True)
class TurnSize:
    position: int
    tokens: int


def tokens_of(text: str) -> int:
    """An estimate from the number of characters, rather too high than too low."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 4


def window_start(sizes: Sequence[TurnSize], budget: int) -> int:
    """The position of the first turn to read, given all candidates in order and a budget of tokens."""
    if not sizes:
        return 0
    total = 0
    start = sizes[-1].position + 1
    for turn in reversed(sizes):
        total += turn.tokens
        if total > budget:
            break
        start = turn.position
    if start <= sizes[0].position:
        return sizes[0].position
    rounded = -(-(start - 1) // STRIDE) * STRIDE + 1
    return rounded if rounded <= sizes[-1].position else start
