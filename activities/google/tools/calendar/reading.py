"""Looking at calendars and events."""

from typing import Annotated, Any

from pydantic import Field

from activities.google.asking import Asking
from activities.google.tools.calendar import markdown
from activities.google.tools.calendar.when import When, instant, zone_of
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.tools.material import between
from clara.tools.provenance import Provenance

CALENDARS = 100

CalendarId = Annotated[
    str,
    Field(
        pattern=r"^[!-~]+$",
        max_length=250,
        description="as google_calendar_list_calendars tells; primary is the main one",
    ),
]
EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=1_024)]


class InCalendar(Arguments):
    calendar_id: CalendarId = "primary"


class ListEvents(InCalendar):
    time_min: When | None = Field(None, description="events that end after it; now, unless given")
    time_max: When | None = Field(None, description="events that begin before it")
    query: str | None = Field(None, min_length=1, max_length=200, description="words in title, text, place or guests")
    max_results: int = Field(20, ge=1, le=100)
    page_token: str | None = Field(None, pattern=r"^[!-~]+$", max_length=1_000, description="of the page before")


class OneEvent(InCalendar):
    event_id: EventId


class _Reading:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_events(self, asked: ListEvents, context: Context) -> ToolOutput:
        zone = await zone_of(self._ask, context, asked.calendar_id)
        begin = instant(asked.time_min, zone) if asked.time_min else context.now.isoformat()
        wanted = {
            "calendarId": asked.calendar_id, "timeMin": begin, "maxResults": asked.max_results, "timeZone": zone,
            "singleEvents": True, "orderBy": "startTime",
        }  # fmt: skip
        wanted |= {"timeMax": instant(asked.time_max, zone)} if asked.time_max else {}
        wanted |= {"q": asked.query} if asked.query else {}
        wanted |= {"pageToken": asked.page_token} if asked.page_token else {}
        found = await self._ask(context, "calendar", lambda calendar: calendar.events().list(**wanted))
        events, more = found.get("items") or [], found.get("nextPageToken")
        if not events and not more:
            return ToolOutput("There are no events.", provenance=Provenance.CLARA)
        lines = [markdown.line(event, zone) for event in events]
        lines += [f'There is more: page_token="{more}"'] if more else []
        return _others(f"the calendar {asked.calendar_id}", "\n".join(lines))

    async def get_event(self, asked: OneEvent, context: Context) -> ToolOutput:
        zone = await zone_of(self._ask, context, asked.calendar_id)
        found = await self._ask(
            context,
            "calendar",
            lambda calendar: calendar.events().get(calendarId=asked.calendar_id, eventId=asked.event_id, timeZone=zone),
        )
        return _others(f"an event of the calendar {asked.calendar_id}", markdown.event(found, zone))

    async def list_calendars(self, asked: Arguments, context: Context) -> ToolOutput:
        found = await self._ask(
            context, "calendar", lambda calendar: calendar.calendarList().list(maxResults=CALENDARS)
        )
        lines = [markdown.calendar(each) for each in found.get("items") or []]
        lines += ["There are more, which are not shown."] if found.get("nextPageToken") else []
        return _others("the list of calendars", "\n".join(lines) or "There are none.")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    reading = _Reading(ask)
    return (
        Tool(
            "google_calendar_list_events",
            "List events of a calendar of Google's in the order of time, from now on unless told otherwise.",
            ListEvents, reading.list_events, provenance=Provenance.OTHERS, view=_view_list,
        ),
        Tool(
            "google_calendar_get_event",
            "Read one event of a calendar: its text, place, guests and how it repeats.", OneEvent, reading.get_event,
            provenance=Provenance.OTHERS, view=lambda asked: f"event {asked.event_id} of {asked.calendar_id}",
        ),
        Tool(
            "google_calendar_list_calendars", "List the person's calendars at Google, with their ids and time zones.",
            Arguments, reading.list_calendars, provenance=Provenance.OTHERS, view=lambda asked: "all calendars",
        ),
    )  # fmt: skip


def _view_list(asked: ListEvents) -> str:
    parts = [
        asked.calendar_id,
        f"from {asked.time_min or 'now'}",
        *([f"to {asked.time_max}"] if asked.time_max else []),
    ]
    return ", ".join([*parts, *([f"with {asked.query}"] if asked.query else [])])


def _others(where: str, text: str) -> ToolOutput:
    return ToolOutput(between("google", where, text), source=where)
