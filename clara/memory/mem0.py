"""A memory as mem0 and MyPalClara write it, and as Clara does: for those who come over and those who leave.

What is read: the items of mem0's ``get_all`` and exports (``memory``), the payloads of its vector stores (``data``),
those of MyPalClara (``data`` with ``is_key``), and the items of MyPalClara's web export (``content``). Everything
in them was written by somebody else's model, so it is a reading and never a quotation, whatever it says of itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from clara.errors import UserError
from clara.memory.kinds import QUOTATION_LIMIT, Kind, Memory, Owner, clean_text, project_name, scope

Refusal = Literal["unreadable", "too long", "secret", "expired", "not a fact", "not the person's"]

TELLING: Mapping[Refusal, str] = {
    "unreadable": "without a text, or not in mem0's form",
    "too long": "too long for one memory",
    "secret": "with a password, a key or a card number in them",
    "expired": "expired",
    "not a fact": "moods, topics and an agent's procedures",
    "not the person's": "an assistant's words",
}
"""Why a memory is not taken over, as people read it."""

_NO_FACTS = {"emotional_context", "topic_mention", "procedural_memory"}
_TEXTS = ("memory", "data", "content", "text")
_FIRST_YEAR = 1990


@dataclass(frozen=True)
class Arriving:
    """A memory that may be taken over. ``user`` is the source's id of the person, None where it names nobody."""

    user: str | None
    text: str
    kind: Kind = "user"
    project: str | None = None
    private: bool = True
    created_at: datetime | None = None
    """When it was learned there; None where that is not said, or lies in the future."""
    expires_at: datetime | None = None


def arriving(item: Any, now: datetime, is_secret: Callable[[str], bool]) -> Arriving | Refusal:
    """One item of a source, or why it is refused."""
    if not isinstance(item, Mapping):
        return "unreadable"
    more = item.get("metadata")
    said = {name: value for name, value in item.items() if value is not None}
    about: dict[str, Any] = {**(more if isinstance(more, Mapping) else {}), **said}
    text = next((item[name] for name in _TEXTS if isinstance(item.get(name), str)), "")
    user = item.get("user_id")
    if not text.strip() or not isinstance(user, str | int | None) or isinstance(user, bool):
        return "unreadable"
    if about.get("role") == "assistant" or about.get("attributed_to") == "assistant":
        return "not the person's"
    if about.get("kind") == "emotional" or about.get("memory_type") in _NO_FACTS:
        return "not a fact"
    ends = _day(about.get("expiration_date"))
    if ends is not None and ends <= now:
        return "expired"
    if is_secret(text):
        return "secret"
    try:
        clean = clean_text(text)
    except UserError:
        return "too long" if len(text.strip()) > QUOTATION_LIMIT else "unreadable"
    try:
        kind, project = _kind(about)
    except UserError:
        return "unreadable"
    return Arriving(
        user=None if user in (None, "") else str(user),
        text=clean,
        kind=kind,
        project=project,
        private=about.get("private") is not False,
        created_at=_past(about.get("created_at"), now),
        expires_at=ends,
    )


def _kind(about: Mapping[str, Any]) -> tuple[Kind, str | None]:
    project = about.get("project")
    if about.get("kind") == "key" or str(about.get("is_key")).casefold() == "true":
        return "key", None
    if isinstance(project, str) and (named := project_name(project)):
        return "project", named
    return "user", None


def _past(value: Any, now: datetime) -> datetime | None:
    """A date that some program wrote; one without a zone is taken for UTC. A wrong one is none at all."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromisoformat(str(value))
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year >= _FIRST_YEAR and moment <= now else None


def _day(value: Any) -> datetime | None:
    """The end of mem0's ``expiration_date``, the last day on which a memory counts."""
    try:
        return datetime.strptime(str(value)[:10], "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def people(mapping: tuple[str, ...]) -> dict[str | None, Owner]:
    """Who is who, from ``FROM=TO``; ``TO`` alone is for memories that name nobody. UserError for wildcards."""
    known: dict[str | None, Owner] = {}
    for wish in mapping:
        source, divided, target = wish.rpartition("=")
        if divided and (not source.strip() or set(source) & set("*%?")):
            raise UserError(f"--user {wish}: the id before the = must be one person's, as the source has it.")
        name = source if divided else None
        if name in known:
            raise UserError(f"--user {wish}: {name or 'those who are not named'} would be two people.")
        known[name] = scope(target)
    return known


def leaving(memory: Memory) -> dict[str, Any]:
    """A memory for mem0 2.2 (``memory``, ``user_id``, ``metadata``) and MyPalClara's import (``content``, ``is_key``).

    Its date stands in ``metadata`` too, because mem0 takes it from there.
    """
    stamp = memory.created_at.astimezone(UTC).isoformat()
    about = {
        "kind": memory.kind,
        "project": memory.project,
        "private": memory.private,
        "quoted": memory.quoted,
        "reading": memory.reading,
        "created_at": stamp,
    }
    return {
        "id": memory.id,
        "memory": memory.text,
        "content": memory.text,
        "user_id": memory.user_id,
        "metadata": {name: value for name, value in about.items() if value is not None},
        "is_key": memory.kind == "key",
        "created_at": stamp,
        "updated_at": stamp,
    }
