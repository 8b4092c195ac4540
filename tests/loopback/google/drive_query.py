"""Drive's query language, as much of it as is spoken: what does not parse is refused, as Google does."""

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Test = Callable[[Json], bool]

_STRING = r"'((?:[^'\\]|\\.)*)'"
_CLAUSES: tuple[tuple[re.Pattern[str], Callable[..., Test]], ...] = (
    (re.compile(rf"name contains {_STRING}"), lambda word: lambda file: _has(file["name"], word)),
    (
        re.compile(rf"fullText contains {_STRING}"),
        lambda word: lambda file: _has(file["name"], word) or _has(file.get("_text", ""), word),
    ),
    (re.compile(rf"mimeType = {_STRING}"), lambda kind: lambda file: file["mimeType"] == kind),
    (re.compile(rf"mimeType contains {_STRING}"), lambda kind: lambda file: file["mimeType"].startswith(kind)),
    (re.compile(rf"{_STRING} in parents"), lambda id: lambda file: id in file.get("parents", [])),
    (re.compile(r"trashed = (true|false)"), lambda value: lambda file: file.get("trashed", False) == (value == "true")),
    (
        re.compile(r"sharedWithMe = (true|false)"),
        lambda value: lambda file: (not file["ownedByMe"]) == (value == "true"),
    ),
    (
        re.compile(rf"appProperties has \{{ key={_STRING} and value={_STRING} \}}"),
        lambda key, value: lambda file: file.get("appProperties", {}).get(key) == value,
    ),
)


def parsed(query: str) -> Test:
    """ValueError for what is no query."""
    tests: list[Test] = []
    at = 0
    while True:
        for pattern, make in _CLAUSES:
            if found := pattern.match(query, at):
                tests.append(make(*(re.sub(r"\\(.)", r"\1", each) for each in found.groups())))
                at = found.end()
                break
        else:
            raise ValueError("Invalid Value")
        if at == len(query):
            return lambda file: all(test(file) for test in tests)
        if not query.startswith(" and ", at):
            raise ValueError("Invalid Value")
        at += len(" and ")


def _has(text: str, words: str) -> bool:
    return words.lower() in text.lower()
