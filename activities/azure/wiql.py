"""Queries for work items in WIQL, in which a value stays a value whatever it holds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

ME = "@me"


@dataclass(frozen=True)
class Condition:
    """A part of a query that is complete in itself."""

    text: str


def equals(field: str, value: str) -> Condition:
    return Condition(f"[{field}] = {quoted(value)}")


def is_me(field: str) -> Condition:
    return Condition(f"[{field}] = {ME}")


def under(field: str, path: str) -> Condition:
    """A node of a tree, and what is below it."""
    return Condition(f"[{field}] UNDER {quoted(path)}")


def contains(field: str, value: str) -> Condition:
    return Condition(f"[{field}] CONTAINS {quoted(value)}")


def one_of(field: str, values: Sequence[str], but: bool = False) -> Condition:
    return Condition(f"[{field}] {'NOT IN' if but else 'IN'} ({', '.join(map(quoted, values))})")


def in_this_project() -> Condition:
    """The one that the query is asked in, by whichever name."""
    return Condition("[System.TeamProject] = @project")


def since_day(field: str, time: datetime) -> Condition:
    return Condition(f"[{field}] >= {quoted(time.strftime('%Y-%m-%d'))}")


def since(field: str, time: datetime) -> Condition:
    """To the second, which a query must be asked for with ``timePrecision``."""
    return Condition(f"[{field}] >= {quoted(time.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ'))}")


def query(conditions: Sequence[Condition], newest_by: str) -> str:
    where = " AND ".join(each.text for each in conditions)
    return f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [{newest_by}] DESC"


def quoted(value: str) -> str:
    """A string: between single quotes, in which one of them is written twice, and nothing else has a meaning.

    ValueError for a character that controls something or ends a line: there is no way to write it.
    """
    if any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in value):
        raise ValueError("a value of a query has a character that cannot be in one")
    return "'" + value.replace("'", "''") + "'"
