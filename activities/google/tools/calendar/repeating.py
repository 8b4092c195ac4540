"""How an event repeats: in words that a model gets right, and never for ever."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from activities.tools.tool import Arguments

LONGEST = timedelta(days=5 * 366)

_EVERY = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}


class Repeats(Arguments):
    repeat: Literal["daily", "weekly", "monthly", "yearly"] | None = Field(
        None, description="leave out for an event that happens once"
    )
    repeat_every: int = Field(1, ge=1, le=99, description="2 with weekly is every second week")
    repeat_on: list[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]] = Field([], max_length=7)
    repeat_count: int | None = Field(None, ge=2, le=366, description="how often it happens in all")
    repeat_until: date | None = Field(None, description="the last day on which it may happen, in place of repeat_count")

    def rule(self, start: date | datetime, zone: str) -> str | None:
        """As a calendar writes it (RFC 5545). ValueError for one without an end, or too far away."""
        if self.repeat is None:
            return None
        parts = [f"FREQ={self.repeat.upper()}", *([f"INTERVAL={self.repeat_every}"] if self.repeat_every > 1 else [])]
        parts += [f"BYDAY={','.join(self.repeat_on)}"] if self.repeat_on else []
        if (self.repeat_count is None) == (self.repeat_until is None):
            raise ValueError("repeat needs either repeat_count or repeat_until")
        if self.repeat_until is None:
            return f"RRULE:{';'.join([*parts, f'COUNT={self.repeat_count}'])}"
        begin = start.date() if isinstance(start, datetime) else start
        if not begin <= self.repeat_until <= begin + LONGEST:
            raise ValueError("repeat_until must come after the start, within five years")
        return f"RRULE:{';'.join([*parts, f'UNTIL={self._until(self.repeat_until, start, zone)}'])}"

    @staticmethod
    def _until(last: date, start: date | datetime, zone: str) -> str:
        if not isinstance(start, datetime):
            return f"{last:%Y%m%d}"
        end = datetime.combine(last, time(23, 59, 59), ZoneInfo(zone))
        return f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    def repeated(self) -> str:
        """For people; empty where it does not."""
        if self.repeat is None:
            return ""
        each = (
            f"every {self.repeat_every} {_EVERY[self.repeat]}s"
            if self.repeat_every > 1
            else f"every {_EVERY[self.repeat]}"
        )
        days = f" on {', '.join(self.repeat_on)}" if self.repeat_on else ""
        return f"{each}{days}, " + (f"{self.repeat_count} times" if self.repeat_count else f"until {self.repeat_until}")
