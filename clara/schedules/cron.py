"""Times that recur, by the five fields of cron, in a time zone: once a day on every day, also when clocks are changed.

Temporal starts the runs. Measured against its server (1.31, a year in three zones): where a day lacks an hour, what
was due in it is left out; where a day has an hour twice, it runs twice, in part at times that do not fit the
expression. So what is left out is added as single times (`moved`), and what is too much is not run (`occurs`). Both
follow cronsim, which does as Debian does: what falls into the lacking hour is done right after it, and in a doubled
hour once.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from clara.errors import UserError

AHEAD = timedelta(days=400)
"""Changes of clocks are looked for so far ahead. Schedules are written anew whenever a worker starts."""

LIMIT = 100
"""Characters of an expression."""

_FIELDS = 5
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
_FIELD = re.compile(rf"(?:[0-9*,/-]|{_NAMES})+", re.IGNORECASE)


def checked(expression: str, zone: str, now: datetime) -> str:
    """The expression, tidied; UserError says what is wrong with it."""
    words = expression.split()
    if len(words) != _FIELDS or len(expression) > LIMIT:
        raise UserError(
            f"{expression[:LIMIT]!r} is no cron expression: it has five fields, minute hour day month weekday,"
            " as in 0 8 * * 1-5."
        )
    if odd := next((word for word in words if not _FIELD.fullmatch(word)), ""):
        raise UserError(
            f"{expression!r}: {odd!r} is not understood. A field has numbers, names such as MON, and , - * /."
        )
    if words[2] != "*" and words[4] != "*":
        raise UserError(
            f"{expression!r} names both days of the month and weekdays, and it is not clear which counts."
            " Please make two schedules of it."
        )
    tidy = " ".join(words)
    try:
        following(tidy, zone, now)
    except CronSimError as error:
        raise UserError(f"{expression!r} is no cron expression: {str(error).lower()}.") from error
    except StopIteration as error:
        raise UserError(f"{expression!r} never comes true: there is no such day.") from error
    return tidy


def following(expression: str, zone: str, after: datetime) -> datetime:
    """The first time after ``after``, in the zone."""
    return next(_times(expression, zone, after))


def occurs(expression: str, zone: str, due: datetime) -> bool:
    """Whether something is due at that second."""
    exactly = due.astimezone(UTC)  # in the zone, arithmetic goes by the clock and a doubled time equals nothing
    return following(expression, zone, exactly - timedelta(seconds=1)).astimezone(UTC) == exactly


def moved(expression: str, zone: str, now: datetime) -> list[datetime]:
    """Times within `AHEAD` that follow a lacking hour and do not fit the expression by themselves, in the zone."""
    found = []
    for before, after in _gaps(zone, now):
        for time in _times(expression, zone, before - timedelta(minutes=1)):
            if time > after:
                break
            naive = time.replace(tzinfo=None)
            if next(CronSim(expression, naive - timedelta(minutes=1))) != naive:
                found.append(time)
    return found


def _times(expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    return iter(CronSim(expression, after.astimezone(ZoneInfo(zone))))


def _gaps(zone: str, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The last moment before each lacking stretch, and the moment after it."""
    there = ZoneInfo(zone)
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = now + AHEAD
    while day < end:
        following_day = day + timedelta(days=1)
        offset = day.astimezone(there).utcoffset()
        later = following_day.astimezone(there).utcoffset()
        if offset is not None and later is not None and later > offset:
            change = _change(there, day, following_day)
            yield (change - timedelta(minutes=1)).astimezone(there), change.astimezone(there)
        day = following_day


def _change(there: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The minute between two moments at which the clocks are changed."""
    offset = low.astimezone(there).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(there).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
