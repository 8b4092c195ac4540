"""Several rankings as one: what stands high in any of them comes first (reciprocal rank fusion)."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

SMOOTHING = 60
"""As in the paper that proposed it (Cormack, Clarke and Büttcher, 2009): the first places differ little."""


def fuse(*rankings: Sequence[T]) -> list[T]:
    """All that is in any of the rankings, each once, best first; a tie keeps the order of the rankings."""
    scores: dict[T, float] = {}
    for ranking in rankings:
        for place, each in enumerate(dict.fromkeys(ranking), start=1):
            scores[each] = scores.get(each, 0.0) + 1 / (SMOOTHING + place)
    return sorted(scores, key=lambda each: -scores[each])
