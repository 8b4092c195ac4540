"""Events and calendars, as compact Markdown with links."""

from collections.abc import Mapping
from typing import Any

from activities.google.tools.calendar.when import Span
from clara.memory.kinds import one_line
from clara.tools.material import written

TITLE_LIMIT = 300
DESCRIPTION_LIMIT = 8_000
"""Characters."""

SHOWN_GUESTS = 50

_ANSWERS = {
    "accepted": "comes",
    "declined": "does not come",
    "tentative": "may come",
    "needsAction": "has not answered",
}


def title(event: Mapping[str, Any]) -> str:
    return one_line(str(event.get("summary") or ""))[:TITLE_LIMIT] or "(no title)"


def linked(event: Mapping[str, Any]) -> str:
    link = event.get("htmlLink")
    return f"[{title(event)}]({link})" if link else title(event)


def line(event: Mapping[str, Any], zone: str) -> str:
    """An event in a list."""
    facts = [Span.of_event(event, zone).told()] if event.get("start") else []  # a deleted one may have lost it
    if event.get("location"):
        facts.append(f"at {one_line(str(event['location']))[:TITLE_LIMIT]}")
    if guests := event.get("attendees"):
        facts.append(f"{len(guests)} guests")
    if event.get("recurringEventId"):
        facts.append(f"one of the series {event['recurringEventId']}")
    if event.get("status") == "cancelled":
        facts.append("cancelled")
    return f"- {linked(event)}: {'; '.join([*facts, 'id ' + str(event['id'])])}"


def event(found: Mapping[str, Any], zone: str) -> str:
    """One event, whole."""
    lines = [line(found, zone).removeprefix("- ")]
    lines += [f"Repeats: {', '.join(map(str, found['recurrence']))}"] if found.get("recurrence") else []
    lines += [f"Made by {_person(found['organizer'])}"] if found.get("organizer") else []
    lines += [f"Video call: {found['hangoutLink']}"] if found.get("hangoutLink") else []
    guests = found.get("attendees") or []
    lines += [
        f"- {_person(each)}: {_ANSWERS.get(each.get('responseStatus', ''), '?')}" for each in guests[:SHOWN_GUESTS]
    ]
    lines += [f"and {len(guests) - SHOWN_GUESTS} more guests"] if len(guests) > SHOWN_GUESTS else []
    return "\n".join([*lines, "", written(found.get("description"), DESCRIPTION_LIMIT) or "(no description)"])


def calendar(found: Mapping[str, Any]) -> str:
    facts = [f"id {found['id']}", f"you are {found.get('accessRole', '?')}", str(found.get("timeZone", ""))]
    main = "the main one, " if found.get("primary") else ""
    name = one_line(str(found.get("summaryOverride") or found.get("summary") or ""))[:TITLE_LIMIT]
    return f"- {name} ({main}{'; '.join(filter(None, facts))})"


def _person(found: Mapping[str, Any]) -> str:
    return one_line(str(found.get("email") or found.get("displayName") or "somebody"))[:TITLE_LIMIT]
