"""The pause that a service asks for, in any of the forms that services use."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = timedelta(seconds=60)


def retry_after(headers: Mapping[str, str], longest: timedelta = LONGEST_PAUSE) -> timedelta | None:
    """What ``retry-after-ms`` or ``retry-after`` (seconds or a date) asks for, if anything; ``longest`` at most."""
    seconds = _number(headers.get("retry-after-ms"), 1000)
    if seconds is None:
        seconds = _number(headers.get("retry-after"), 1)
    if seconds is None:
        seconds = _until(headers.get("retry-after", ""))
    if seconds is None:
        return None
    return timedelta(seconds=min(max(seconds, 0), longest.total_seconds()))


def _number(text: str | None, per_second: int) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number / per_second if math.isfinite(number) else None


def _until(date: str) -> float | None:
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None
