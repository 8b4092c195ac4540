"""A profile in Markdown or JSON as memories: how a person tells Clara about themselves all at once.

Markdown: every list item or plain line is a memory; the heading above it says the kind: "Key" for
key memories, "Project NAME" for a project's, anything else for the person's. JSON: a list of texts
or objects ``{"text", "kind", "project"}``, or an object of such lists by kind.
"""

import json
import re
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from clara.errors import UserError
from clara.memory.kinds import QUOTATION_LIMIT, Kind, clean_text, project_name
from clara.messages import Value

ENTRIES_LIMIT = 2_000

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_EMPHASIS = re.compile(r"(\*\*|__)(.+?)\1")


class Entry(Value):
    """One memory of a profile. Unknown names are refused, because a person may have misspelt one."""

    model_config = ConfigDict(extra="forbid")

    text: str
    kind: Kind = "user"
    project: str | None = Field(None, description="given for the kind project alone")


_ENTRIES: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry])


def parse(content: str) -> list[Entry]:
    """The memories of a profile, each once; UserError says what cannot be read."""
    stripped = content.lstrip("\ufeff \t\r\n")
    raw = _from_json(stripped) if stripped.startswith(("[", "{")) else _from_markdown(stripped)
    unique = {(e.kind, e.project, e.text.casefold()): e for e in map(_checked, raw)}
    if not unique:
        raise UserError("There is nothing to remember in that file.")
    if len(unique) > ENTRIES_LIMIT:
        raise UserError(f"That file has {len(unique):,} memories; one profile may have {ENTRIES_LIMIT:,}.")
    return list(unique.values())


def _checked(entry: Entry) -> Entry:
    project = project_name(entry.project)
    if (entry.kind == "project") != (project is not None):
        raise UserError(f"A memory of kind project needs a project, and no other has one: {entry.text[:60]}")
    if entry.kind == "emotional":
        raise UserError("Moods are not part of a profile: they expire within days.")
    return Entry(text=clean_text(entry.text), kind=entry.kind, project=project)


def _from_json(content: str) -> list[Entry]:
    try:
        data = json.loads(content)
    except ValueError as error:
        raise UserError(f"That file begins like JSON, but cannot be read as JSON: {error}") from None
    if isinstance(data, dict):
        data = [_with_kind(item, kind) for kind, items in data.items() for item in _listed(items)]
    try:
        return _ENTRIES.validate_python([_with_kind(item, None) for item in data])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UserError(f"Entry {first['loc'][0]} of the file cannot be read: {first['msg']}.") from None


def _listed(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]


def _with_kind(item: Any, kind: str | None) -> Any:
    entry = dict(item) if isinstance(item, dict) else {"text": item}
    return {"kind": kind, **entry} if kind else entry


def _from_markdown(content: str) -> list[Entry]:
    kind: Kind = "user"
    project: str | None = None
    found: list[Entry] = []
    for line in content.splitlines():
        if heading := _HEADING.match(line):
            kind, project = _section(heading[1])
            continue
        text = _EMPHASIS.sub(r"\2", _ITEM.sub("", line)).strip()
        if not text or set(text) <= set("-=*_ "):
            continue
        if len(text) > QUOTATION_LIMIT:
            raise UserError(f"A line has {len(text)} characters; one memory has up to {QUOTATION_LIMIT}: {text[:60]}…")
        found.append(Entry(text=text, kind=kind, project=project))
    return found


def _section(heading: str) -> tuple[Kind, str | None]:
    first, _, rest = heading.partition(" ")
    if first.casefold().rstrip(":") == "project" and rest.strip():
        return "project", rest.strip()
    return ("key" if first.casefold().rstrip(":") == "key" else "user"), None
