"""How long a model provider is waited for: counted in tries, so that a night switched off costs no patience.

A provider that is down is asked for about an hour. A fault for which it has charged, such as an answer
that broke off, is tried a few times only. Where there is a fallback, it takes over soon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from activities.llm.faults import COSTLY
from clara.errors import ClaraError, ModelRefused, Unavailable
from temporal import policies

TRIES = policies.MODEL.attempts
"""With pauses of half a minute about an hour."""

COSTLY_TRIES = 6
"""Where the provider charges for each."""

PATIENCE = 3
"""Tries at one route before the next one is tried, where there is one."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = policies.MODEL.slowest.total_seconds()


@dataclass(frozen=True)
class Tries:
    """What came of the tries at one route so far. Those that Clara's own database ended do not count."""

    faults: int = 0
    costly: int = 0

    @classmethod
    def noted(cls, details: Sequence[Any]) -> "Tries":
        """As an earlier attempt noted them with its heartbeats."""
        return cls(*details) if len(details) == 2 else cls()

    def after(self, error: ClaraError) -> "Tries":
        costly = isinstance(error, Unavailable) and error.kind in COSTLY
        return Tries(self.faults + 1, self.costly + costly)

    def next_of(self, error: Unavailable, last: bool) -> tuple[int, int]:
        """Which retry would be the next one, of how many; ``last`` where no other route is left."""
        if not last:
            return self.faults, PATIENCE - 1
        return (self.costly, COSTLY_TRIES - 1) if error.kind in COSTLY else (self.faults, TRIES - 1)

    def pause(self, error: Unavailable) -> timedelta:
        """Before the next try: as long as the provider asked for, and no less than Clara's own back-off."""
        own = min(FIRST_PAUSE_S * 2 ** min(self.faults - 1, 20), LONGEST_PAUSE_S)
        return max(error.retry_after or timedelta(), timedelta(seconds=own))


def gives_way(error: ClaraError, tries: Tries) -> bool:
    """Whether the next route is to be tried instead of this one again."""
    if isinstance(error, ModelRefused):
        return error.kind in ("auth", "billing", "not_found")
    return tries.faults >= PATIENCE


def retry_notice(error: Unavailable, number: int, of: int, pause: timedelta) -> str:
    """For the person who waits: what is wrong, and when it is tried again."""
    seconds = pause.total_seconds()
    return f"{_clause(error)}; retry {number} of {of} in {seconds:.{0 if seconds >= 1 else 1}f} s"


def fallback_notice(error: ClaraError, provider: str) -> str:
    return f"{_clause(error)}; asking {provider} instead"


def last_words(error: Unavailable, tries: int, spent: timedelta, before: Sequence[str]) -> str:
    """For the person at the end of all patience: what is wrong, and what was tried for how long."""
    others = f", after {' and '.join(dict.fromkeys(before))} had failed" if before else ""
    times = "once" if tries == 1 else f"{tries} times"
    return f"{error} I tried {times} over {_span(spent)}{others}. Please try again later."


def _clause(error: ClaraError) -> str:
    return str(error).rstrip(".")


def _span(spent: timedelta) -> str:
    seconds = round(spent.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7_200 else f"{seconds / 3600:.1f} hours"
