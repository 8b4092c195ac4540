"""What GitHub's published description says of a request and its answer: ``openapi.json``, made by ``excerpt``."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.loopback.github.world import Json

_LONG = ("path", "ref")
"""Of these a slash is a part."""


@dataclass(frozen=True)
class Route:
    name: str
    query: dict[str, Json]
    body: Json | None
    answers: dict[str, Json | None]

    def wrong_request(self, query: dict[str, str], body: Json) -> list[str]:
        """What of a request is not as described."""
        wrong = [f"{self.name} has no {name} in its query" for name in query if name not in self.query]
        for name, value in query.items():
            if name in self.query:
                wrong += _wrong(f"{self.name}?{name}", self.query[name], _typed(value, self.query[name]))
        if body and self.body is None:
            wrong.append(f"{self.name} takes no body")
        return wrong + (_wrong(self.name, self.body, body) if self.body is not None and body else [])

    def wrong_answer(self, status: str, data: Any) -> list[str]:
        """What of a success is not as described."""
        if status not in self.answers:
            return [f"{self.name} never answers {status}"]
        schema = self.answers[status]
        if schema is None:
            return [f"{self.name} says nothing with {status}"] if data is not None else []
        return _wrong(f"{self.name}: {status}", schema, data)


def route_of(method: str, path: str) -> Route | None:
    """The route that a request takes; None if the excerpt has none."""
    return next((route for pattern, route in _routes() if pattern.fullmatch(f"{method} {path}")), None)


@cache
def _described() -> Json:
    found: Json = json.loads(Path(__file__).with_name("openapi.json").read_text())
    return found


@cache
def _routes() -> list[tuple[re.Pattern[str], Route]]:
    """Those with the fewest blanks first."""
    routes = [Route(name, **route) for name, route in _described()["routes"].items()]
    return [(_pattern(route.name), route) for route in sorted(routes, key=lambda each: each.name.count("{"))]


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda found: ".*" if found[1] in _LONG else "[^/]+", re.escape(name)))


def _wrong(where: str, schema: Json, data: Any) -> list[str]:
    return [
        f"{where}: {error.json_path}: {error.message[:300]}"
        for error in _validator(json.dumps(schema)).iter_errors(data)
    ]


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "schemas": _described()["schemas"]})


def _typed(value: str, schema: Json) -> Any:
    if schema.get("type") == "integer" and value.isdecimal():
        return int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
