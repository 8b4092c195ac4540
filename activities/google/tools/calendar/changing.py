"""Making, changing and deleting events."""

import base64
import hashlib
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from activities.google.asking import Asking
from activities.google.faults import Exists, Gone, NotFound
from activities.google.tools.calendar import markdown
from activities.google.tools.calendar.reading import EventId, InCalendar
from activities.google.tools.calendar.repeating import Repeats
from activities.google.tools.calendar.when import Span, When, when, zone_of
from activities.tools.tool import Context, Tool, Verdict
from clara.errors import ToolFailed
from clara.memory.kinds import one_line
from clara.tools.tool import Effect, Risk

Email = Annotated[str, Field(pattern=r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+$", max_length=250)]
Title = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(max_length=8_000)]
Place = Annotated[str, Field(max_length=500)]
Guests = Annotated[list[Email], Field(max_length=20)]
CurrentTitle = Annotated[
    str,
    Field(
        min_length=1,
        max_length=300,
        description="the title that the event has now, so that the person sees which it is",
    ),
]


class CreateEvent(InCalendar, Repeats):
    title: Title
    start: When
    end: When = Field(description="of the same kind as start; of whole days the last one, which belongs to it")
    description: Text = ""
    location: Place = ""
    attendees: Guests = Field([], description="e-mail addresses of others to invite; they get an e-mail from Google")
    visible: bool = Field(
        False,
        description="who may read the calendar sees what it is; otherwise, without attendees, only that it is taken",
    )

    @model_validator(mode="after")
    def _is_a_span(self) -> "CreateEvent":
        Span.of(self.start, self.end, "UTC")
        self.rule(when(self.start), "UTC")
        return self


class UpdateEvent(InCalendar):
    event_id: EventId
    current_title: CurrentTitle
    title: Title | None = None
    start: When | None = Field(None, description="together with end")
    end: When | None = Field(None, description="together with start; of whole days the last one, which belongs to it")
    description: Text | None = None
    location: Place | None = None
    add_attendees: Guests = Field([], description="e-mail addresses of others to invite")
    remove_attendees: Guests = Field([], description="e-mail addresses")

    @model_validator(mode="after")
    def _is_whole(self) -> "UpdateEvent":
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end must be given together")
        if self.start and self.end:
            Span.of(self.start, self.end, "UTC")
        return self


class DeleteEvent(InCalendar):
    event_id: EventId
    current_title: CurrentTitle


class _Changing:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def create(self, asked: CreateEvent, context: Context) -> str:
        zone = await zone_of(self._ask, context, asked.calendar_id)
        span, id = Span.of(asked.start, asked.end, zone), _id(context)
        body: dict[str, Any] = {"id": id, "summary": asked.title, **span.sent()}
        body |= {"description": asked.description} if asked.description else {}
        body |= {"location": asked.location} if asked.location else {}
        body |= {"visibility": "private"} if _is_private(asked) else {}
        body |= {"attendees": [{"email": email} for email in asked.attendees]} if asked.attendees else {}
        body |= {"recurrence": [rule]} if (rule := asked.rule(span.start, zone)) else {}
        mails: Literal["all", "none"] = "all" if asked.attendees else "none"
        try:
            made = await self._ask(
                context,
                "calendar",
                lambda calendar: calendar.events().insert(calendarId=asked.calendar_id, body=body, sendUpdates=mails),
            )
        except Exists:
            made = await self._event(context, asked.calendar_id, id)  # an earlier attempt at this very call
        return _created(made, zone)

    async def was_created(self, asked: CreateEvent, context: Context) -> Verdict:
        zone = await zone_of(self._ask, context, asked.calendar_id)
        try:
            return Verdict("done", _created(await self._event(context, asked.calendar_id, _id(context)), zone))
        except NotFound:
            return Verdict("not_done")

    async def update(self, asked: UpdateEvent, context: Context) -> str:
        found = await self._named(context, asked.calendar_id, asked.event_id, asked.current_title, asked.title)
        if found.get("status") == "cancelled":
            raise ToolFailed("This event was deleted.")
        zone = await zone_of(self._ask, context, asked.calendar_id)
        span = Span.of(asked.start, asked.end, zone) if asked.start and asked.end else None
        changes = _changes(asked, found, span)
        if not changes:
            return f"It is so already: {markdown.line(found, zone).removeprefix('- ')}"

        def patch(calendar: Any) -> Any:
            request = calendar.events().patch(
                calendarId=asked.calendar_id, eventId=asked.event_id, body=changes, sendUpdates="all"
            )
            request.headers["If-Match"] = found["etag"]  # guests are sent as a whole list, which may have changed
            return request

        made = await self._ask(context, "calendar", patch)
        return f"Changed: {markdown.line(made, zone).removeprefix('- ')}"

    async def delete(self, asked: DeleteEvent, context: Context) -> str:
        found = await self._named(context, asked.calendar_id, asked.event_id, asked.current_title)
        if found.get("status") != "cancelled":
            with suppress(Gone):  # by an attempt before
                await self._ask(
                    context,
                    "calendar",
                    lambda calendar: calendar.events().delete(
                        calendarId=asked.calendar_id, eventId=asked.event_id, sendUpdates="all"
                    ),
                )
        return f"Deleted: {markdown.title(found)}"

    async def _named(self, context: Context, calendar_id: str, id: str, *titles: str | None) -> dict[str, Any]:
        """An event, if it has one of those titles: the person has read which one it is, and no other is touched."""
        found = await self._event(context, calendar_id, id)
        gone = found.get("status") == "cancelled"  # which may have lost its title
        if not gone and markdown.title(found) not in [one_line(title) for title in titles if title]:
            raise ToolFailed(
                f"The event {id} is not called {titles[0]!r}. Look which one is meant, and call again with its title."
            )
        return found

    async def _event(self, context: Context, calendar_id: str, id: str) -> dict[str, Any]:
        return await self._ask(
            context, "calendar", lambda calendar: calendar.events().get(calendarId=calendar_id, eventId=id)
        )


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    changing = _Changing(ask)
    return (
        Tool(
            "google_calendar_create_event",
            "Put an event into a calendar of Google's. With attendees it invites others, who get an e-mail.",
            CreateEvent, changing.create, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=changing.was_created,
            reaches=lambda asked: Risk.CHANGE if _is_private(asked) else Risk.OUTWARD, view=_view_create,
        ),
        Tool(
            "google_calendar_update_event",
            "Change an event: its title, time, text, place or guests. What is not given stays. Guests are told by "
            "e-mail. One of a series is changed alone; the id of the series changes all.",
            UpdateEvent, changing.update, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=_view_update,
        ),
        Tool(
            "google_calendar_delete_event",
            "Delete an event, or with the id of a series all of it. Guests are told by e-mail.",
            DeleteEvent, changing.delete, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"delete {_which(asked)}; its guests get an e-mail",
        ),
    )  # fmt: skip


def _is_private(asked: CreateEvent) -> bool:
    """Nobody is invited, it is not in a calendar of others, and those with whom this one is shared do not read it."""
    return not asked.attendees and not asked.visible and asked.calendar_id == "primary"


def _id(context: Context) -> str:
    """Of the event that this call makes, also at another attempt: of the letters and digits that Google allows."""
    digest = hashlib.sha256(f"{context.user_id} {context.key}".encode()).digest()[:20]
    return f"clara{base64.b32hexencode(digest).decode().lower()}"


def _created(event: dict[str, Any], zone: str) -> str:
    guests = f" Invited: {', '.join(each['email'] for each in event['attendees'])}." if event.get("attendees") else ""
    since = " It was deleted since." if event.get("status") == "cancelled" else ""
    return f"It is in the calendar: {markdown.line(event, zone).removeprefix('- ')}.{guests}{since}"


def _changes(asked: UpdateEvent, found: dict[str, Any], span: Span | None) -> dict[str, Any]:
    """What is to be sent so that the event becomes what is asked for; nothing where it is."""
    wanted = {"summary": asked.title, "description": asked.description, "location": asked.location}
    changes: dict[str, Any] = {name: to for name, to in wanted.items() if to is not None and to != found.get(name, "")}
    if span and Span.of_event(found, span.zone) != span:
        # An event of times that becomes one of days, or the other way round, has to lose what it was.
        other = {"dateTime": None, "timeZone": None} if span.is_of_days else {"date": None}
        changes |= {name: {**other, **to} for name, to in span.sent().items()}
    guests: list[dict[str, Any]] = found.get("attendees") or []
    removed = {email.lower() for email in asked.remove_attendees}
    kept = [each for each in guests if str(each.get("email", "")).lower() not in removed]
    there = {str(each.get("email", "")).lower() for each in kept}
    kept += [{"email": email} for email in dict.fromkeys(asked.add_attendees) if email.lower() not in there]
    return changes | ({"attendees": kept} if kept != guests else {})


def _view_create(asked: CreateEvent) -> str:
    where = "" if asked.calendar_id == "primary" else f" in {asked.calendar_id}"
    parts = [f"{asked.title}{where}: {asked.start} to {asked.end}", asked.repeated(), asked.location, asked.description]
    guests = f"invite {', '.join(asked.attendees)}, who get an e-mail" if asked.attendees else ""
    shown = "shown to who may read the calendar" if asked.visible else ""
    return "; ".join(filter(None, [*parts[:3], guests, shown, parts[3]]))


def _view_update(asked: UpdateEvent) -> str:
    changes = asked.model_dump(exclude={"calendar_id", "event_id", "current_title"}, exclude_none=True)
    told = [
        f"{name.replace('_', ' ')}: {', '.join(to) if isinstance(to, list) else to}"
        for name, to in changes.items()
        if to
    ]
    return f"change {_which(asked)}: {'; '.join(told)}; its guests get an e-mail"


def _which(asked: UpdateEvent | DeleteEvent) -> str:
    where = "" if asked.calendar_id == "primary" else f" in {asked.calendar_id}"
    return f"{asked.current_title} ({asked.event_id}{where})"
