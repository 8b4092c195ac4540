"""What Microsoft publishes of the API, in github.com/MicrosoftDocs/vsts-rest-api-specs.

``published.json`` has the operations of it that are used, with the names of their parameters and of what they answer.
So the server takes nothing that the real one would not, and answers nothing else.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPTIONAL = {
    "/{timelineId}": "(?:/(?P<timelineId>[^/]+))?",
    "/{path}": "(?:/(?P<path>.+))?",
    "/{team}": "(?:/(?P<team>[^/_][^/]*))?",
}
OPTIONAL_PROJECT = ("/_apis/wit/workitems", "/_apis/wit/wiql", "/_apis/search/")
"""These are asked of the whole organization, too, as the reference for people says."""


@dataclass(frozen=True)
class Operation:
    name: str
    """Method and path, as published."""
    method: str
    pattern: re.Pattern[str]
    version: str
    query: frozenset[str]
    body: frozenset[str] | None
    answer: frozenset[str] | None


def _operation(found: dict[str, Any]) -> Operation:
    path = found["path"]
    pattern = re.escape(path).replace("\\{", "{").replace("\\}", "}")
    for part, optional in OPTIONAL.items():
        pattern = pattern.replace(part, optional)
    if any(each in path for each in OPTIONAL_PROJECT):
        pattern = pattern.replace("/{project}", "(?:/(?P<project>[^/_][^/]*))?")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
    body = frozenset(found["body"]) if "body" in found else None
    return Operation(
        f"{found['method']} {path}", found["method"], re.compile(pattern, re.IGNORECASE), found["version"],
        frozenset(found["query"]), body, frozenset(found["answer"]) if "answer" in found else None,
    )  # fmt: skip


OPERATIONS = [
    _operation(each) for each in json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
]


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request is, and the parts of its path."""
    for operation in OPERATIONS:
        if operation.method == method and (found := operation.pattern.fullmatch(path)):
            return operation, {name: part for name, part in found.groupdict().items() if part is not None}
    return None


def wrong(operation: Operation, query: dict[str, str], body: Any) -> str:
    """What is wrong with a request; empty for nothing."""
    if query.get("api-version") != operation.version:
        return f"api-version is {query.get('api-version')}, not {operation.version}"
    if unknown := query.keys() - operation.query - {"api-version"}:
        return f"parameters {sorted(unknown)}"
    if operation.body is not None:
        given: set[str] = set()
        for each in body if isinstance(body, list) else [body]:
            given |= each.keys()
        if unknown := given - operation.body:
            return f"properties {sorted(unknown)}"
    elif body is not None:
        return "a body"
    return ""


NEWER = frozenset(("multilineFieldsFormat",))
"""What the real one answers, and what is not published yet."""


def unpublished(operation: Operation, data: Any) -> set[str]:
    """What of an answer of ours is not published."""
    if operation.answer is None:
        return set()
    found = data["value"] if isinstance(data, dict) and data.keys() == {"count", "value"} else [data]
    return {name for each in found if each for name in each} - operation.answer - NEWER
