"""Days and times of events: as a model gives them, as Google takes them, and as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from activities.google.asking import Asking
from activities.tools.tool import Context

DAY = timedelta(days=1)


def _checked(text: str) -> str:
    when(text)
    return text


When = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        max_length=35,
        description="2026-12-03T10:00, in the person's own time zone unless an offset follows; or a day, 2026-12-03",
    ),
]


def when(text: str) -> date | datetime:
    """ValueError where it is neither a day nor a time."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-03") else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be like 2026-12-03T10:00, or like 2026-12-03 for whole days") from None


async def zone_of(ask: Asking, context: Context, calendar_id: str) -> str:
    """The person's time zone, where their platform tells it; else the one of the calendar."""
    if context.message.timezone:
        return context.message.timezone
    found = await ask(context, "calendar", lambda calendar: calendar.calendars().get(calendarId=calendar_id))
    return str(found.get("timeZone") or "UTC")


@dataclass(frozen=True)
class Span:
    """Of an event: two days, the last of which belongs to it, or two times in a zone."""

    start: date | datetime
    end: date | datetime
    zone: str

    @classmethod
    def of(cls, start: str, end: str, zone: str) -> "Span":
        """ValueError where the end is not after the start, or one is a day and the other a time."""
        first, last = when(start), when(end)
        if isinstance(first, datetime) != isinstance(last, datetime):
            raise ValueError("start and end must both be days, or both be times")
        first, last = _placed(first, zone), _placed(last, zone)
        if last < first or (last == first and isinstance(first, datetime)):
            raise ValueError("the end must come after the start")
        return cls(first, last, zone)

    @classmethod
    def of_event(cls, event: Mapping[str, Any], zone: str) -> "Span":
        start, end = event.get("start") or {}, event.get("end") or event.get("start") or {}
        if "date" in start:
            first = date.fromisoformat(start["date"])
            return cls(first, max(first, date.fromisoformat(end.get("date", start["date"])) - DAY), zone)
        there = ZoneInfo(zone)
        first, last = (datetime.fromisoformat(each["dateTime"]).astimezone(there) for each in (start, end))
        return cls(first, last, zone)

    @property
    def is_of_days(self) -> bool:
        return not isinstance(self.start, datetime)

    def sent(self) -> dict[str, Any]:
        """``start`` and ``end`` of an event. Of whole days Google names the one after the last."""
        if isinstance(self.start, datetime) or isinstance(self.end, datetime):
            return {
                "start": {"dateTime": self.start.isoformat(), "timeZone": self.zone},
                "end": {"dateTime": self.end.isoformat(), "timeZone": self.zone},
            }
        return {"start": {"date": self.start.isoformat()}, "end": {"date": (self.end + DAY).isoformat()}}

    def told(self) -> str:
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            same = self.start.date() == self.end.date()
            until = f"{self.end:%H:%M}" if same else f"{self.end:%a %Y-%m-%d %H:%M}"
            return f"{self.start:%a %Y-%m-%d %H:%M}-{until} ({self.zone})"
        days = f"{self.start:%a %Y-%m-%d}"
        return f"{days}, all day" if self.start == self.end else f"{days} to {self.end:%a %Y-%m-%d}, all day"


def _placed(moment: date | datetime, zone: str) -> date | datetime:
    if isinstance(moment, datetime):
        there = ZoneInfo(zone)
        return moment.replace(tzinfo=there) if moment.tzinfo is None else moment.astimezone(there)
    return moment


def instant(text: str, zone: str) -> str:
    """A bound of a search, with its offset; a day begins at midnight."""
    moment = when(text)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    placed = _placed(moment, zone)
    return placed.isoformat()
