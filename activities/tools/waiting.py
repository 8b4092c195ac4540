"""Tools whose result comes from outside: an answer of somebody, the end of long work elsewhere."""

from dataclasses import dataclass
from datetime import timedelta

from clara.errors import ClaraError

LONGEST_WAIT = timedelta(days=30)


@dataclass
class Waits(ClaraError):
    """Raised by a tool that has asked for its result and does not have it yet.

    The turn then waits aside, durably and without a worker. Whoever brings the result passes it to
    ``Door.bring`` with the key of the call's context. ``about`` is what people read: "waiting for …".
    It is raised before anything was done, because the call is made again: a write is begun anew then.
    """

    about: str
    limit: timedelta

    def __post_init__(self) -> None:
        if self.limit > LONGEST_WAIT:
            raise ValueError(f"a tool may wait for {LONGEST_WAIT} at most")
        super().__init__(self.about)


def lapsed(limit: timedelta) -> str:
    """What the model reads when nothing came."""
    return f"No answer came within {in_words(limit)}. That counts as no: do not go ahead. Tell the person."


def in_words(limit: timedelta) -> str:
    """A time limit as people say it: 7 days, 90 minutes, 1 second. What is left of a longer one is rounded."""
    seconds = limit.total_seconds()
    if seconds > 120 and seconds % 60:
        step = 3_600 if seconds > 7_200 else 60
        seconds = round(seconds / step) * step
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return _counted(seconds / size, name)
    return _counted(seconds, "second")


def _counted(number: float, name: str) -> str:
    return f"{number:g} {name}" + ("" if number == 1 else "s")
