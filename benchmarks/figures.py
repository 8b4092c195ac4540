"""A measured figure, and what it is compared with."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all values do not exceed."""
    if not values:
        raise ValueError("no values were measured")
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)
    return ordered[max(0, int(rank) - 1)]


@dataclass(frozen=True)
class Spread:
    """How measured values are spread."""

    p50: float
    p95: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), percentile(values, 0.95), len(values))


@dataclass(frozen=True)
class Aim:
    """What a figure should be: its median, or its ratio to the baseline."""

    limit: float
    of_ratio: bool = False


@dataclass(frozen=True)
class Figure:
    """One line of the account. ``unit`` is s, ms, MB, bytes, /s, x, or empty for a count."""

    name: str
    value: Spread
    unit: str
    baseline: Spread | None = None
    peers: str = ""
    """The same of other projects, measured on a similar machine at another time."""
    aim: Aim | None = None

    @property
    def ratio(self) -> float | None:
        return self.value.p50 / self.baseline.p50 if self.baseline and self.baseline.p50 else None

    @property
    def met(self) -> bool | None:
        """None where nothing is aimed at."""
        if self.aim is None:
            return None
        measured = self.ratio if self.aim.of_ratio else self.value.p50
        return measured is not None and measured <= self.aim.limit

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def single(value: float) -> Spread:
    """Something that was measured once, or counted."""
    return Spread(value, value, 1)
