"""Calendars of people: events by id, guests' mails, series, etags."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.loopback.google.described import Json
from tests.loopback.google.server import NOT_FOUND, Call, Handler, refusal
from tests.loopback.http import Respond

ZONE = "Europe/Berlin"


@dataclass
class Calendars:
    """Of each person the main calendar alone, by the id ``primary``."""

    events: dict[str, dict[str, Json]] = field(default_factory=dict)
    """By person and id."""
    mails: list[str] = field(default_factory=list)
    """To whom Google has written."""
    changes: int = 0

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "calendar.calendarList.list": self._list_calendars,
            "calendar.calendars.get": lambda call: {"id": "primary", "timeZone": ZONE, "summary": call.who},
            "calendar.events.list": self._list,
            "calendar.events.get": self._get,
            "calendar.events.insert": self._insert,
            "calendar.events.patch": self._patch,
            "calendar.events.delete": self._delete,
        }

    def add(self, who: str, **event: Any) -> Json:
        self.changes += 1
        made: Json = {
            "kind": "calendar#event", "status": "confirmed", "created": "2026-11-28T00:00:00.000Z",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event['id']}",
            "organizer": {"email": f"{who}@example.org", "self": True}, **event,
        }  # fmt: skip
        made["etag"] = f'"{self.changes}"'
        self.events.setdefault(who, {})[made["id"]] = made
        return made

    def _of(self, call: Call) -> dict[str, Json]:
        return self.events.setdefault(call.who, {}) if call.path["calendarId"] == "primary" else {}

    def _list_calendars(self, call: Call) -> Json:
        main = {"id": f"{call.who}@example.org", "summary": call.who, "timeZone": ZONE, "accessRole": "owner"}
        shared = {"id": "team@group.calendar.google.com", "summary": "Team", "accessRole": "reader"}
        return {"kind": "calendar#calendarList", "items": [{**main, "primary": True}, shared]}

    def _list(self, call: Call) -> Json | Respond:
        query = call.query
        begin, end = query.get("timeMin", ""), query.get("timeMax", "9999-12-31T00:00:00+00:00")
        for bound in (begin, end):
            if bound and datetime.fromisoformat(bound).tzinfo is None:
                return refusal("400 Bad Request", "badRequest", "Bad Request")
        found = [each for each in self._of(call).values() if each["status"] != "cancelled"]
        found = [each for each in found if query.get("q", "").lower() in each.get("summary", "").lower()]
        found = [
            each for each in found if _moment(each["end"]) > _point(begin) and _moment(each["start"]) < _point(end)
        ]
        found.sort(key=lambda each: _moment(each["start"]))
        first, size = int(query.get("pageToken", 0)), int(query.get("maxResults", 250))
        page: Json = {"kind": "calendar#events", "timeZone": ZONE, "items": found[first : first + size]}
        return page | ({"nextPageToken": str(first + size)} if first + size < len(found) else {})

    def _get(self, call: Call) -> Json | Respond:
        return self._of(call).get(call.path["eventId"], NOT_FOUND)

    def _insert(self, call: Call) -> Json | Respond:
        body = call.body
        if not re.fullmatch(r"[a-v0-9]{5,1024}", body["id"]):
            return refusal("400 Bad Request", "invalid", "Invalid resource id value.")
        if body["id"] in self._of(call):
            return refusal("409 Conflict", "duplicate", "The requested identifier already exists.")
        if not _is_span(body):
            return refusal("400 Bad Request", "timeRangeEmpty", "The specified time range is empty.")
        made = self.add(call.who, **body)
        self._write(call, made)
        return made

    def _patch(self, call: Call) -> Json | Respond:
        event = self._of(call).get(call.path["eventId"])
        if event is None:
            return NOT_FOUND
        if call.headers.get("if-match", event["etag"]) != event["etag"]:
            return refusal("412 Precondition Failed", "conditionNotMet", "Precondition Failed")
        changed = {**event}
        for name, to in call.body.items():
            inner = {**event.get(name, {}), **to} if name in ("start", "end") else to
            changed[name] = {k: v for k, v in inner.items() if v is not None} if isinstance(inner, dict) else inner
        if not _is_span(changed):
            return refusal("400 Bad Request", "invalid", "Start and end times must either both be date or dateTime.")
        made = self.add(call.who, **changed)
        self._write(call, made)
        return made

    def _delete(self, call: Call) -> Respond | None:
        event = self._of(call).get(call.path["eventId"])
        if event is None:
            return NOT_FOUND
        if event["status"] == "cancelled":
            return refusal("410 Gone", "deleted", "Resource has been deleted")
        event["status"] = "cancelled"
        self._write(call, event)
        return None

    def _write(self, call: Call, event: Json) -> None:
        if call.query.get("sendUpdates") == "all":
            self.mails += [guest["email"] for guest in event.get("attendees", [])]


def _point(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat() if text else ""


def _moment(edge: Json) -> str:
    text = edge.get("dateTime") or f"{edge['date']}T00:00:00+00:00"
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def _is_span(event: Json) -> bool:
    start, end = event.get("start", {}), event.get("end", {})
    return set(start) & {"date", "dateTime"} == set(end) & {"date", "dateTime"} != set() and _moment(start) < _moment(
        end
    )
