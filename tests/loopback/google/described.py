"""Google's published descriptions of its services: what may be asked, and what an answer is made of.

Requests and answers are held against them, so that the loopback service cannot drift from the real one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from googleapiclient.discovery_cache import get_static_doc

from activities.google.apis import VERSIONS

Json = dict[str, Any]


class Drifted(AssertionError):
    """What was asked or answered is not as Google describes it."""


@dataclass(frozen=True)
class Method:
    id: str
    http_method: str
    path: re.Pattern[str]
    described: Json
    document: Json

    def check_request(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> None:
        known = {**self.document.get("parameters", {}), **self.described.get("parameters", {})}
        # The library adds how an upload is sent.
        uploads = {"uploadType": {"type": "string"}} if self.described.get("supportsMediaUpload") else {}
        for name, value in {**path, **query}.items():
            _check_parameter(f"{self.id}: {name}", value, {**known, **uploads}.get(name))
        for name, parameter in self.described.get("parameters", {}).items():
            if parameter.get("required") and name not in path and name not in query:
                raise Drifted(f"{self.id}: {name} is missing")
        if "request" in self.described:
            self._check(body, self.described["request"], f"{self.id} request")
        elif body:
            raise Drifted(f"{self.id} takes no body")

    def check_answer(self, body: Any) -> None:
        if "response" in self.described:
            self._check(body, self.described["response"], f"{self.id} answer")
        elif body:
            raise Drifted(f"{self.id} answers nothing")

    def _check(self, value: Any, schema: Json, where: str) -> None:
        if "$ref" in schema:
            schema = self.document["schemas"][schema["$ref"]]
        kind = schema.get("type", "any")
        if value is None and self.http_method == "PATCH":
            return  # what is to be taken away
        if not isinstance(value, _TYPES[kind]):
            raise Drifted(f"{where}: {value!r} is no {kind}")
        if "enum" in schema and value not in schema["enum"]:
            raise Drifted(f"{where}: {value!r} is none of {schema['enum']}")
        if kind == "object":
            for name, part in value.items():
                inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
                if inner is None:
                    raise Drifted(f"{where}: there is no {name}")
                self._check(part, inner, f"{where}.{name}")
        if kind == "array":
            for part in value:
                self._check(part, schema["items"], f"{where}[]")


_TYPES: Mapping[str, Any] = {
    "string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list,
    "any": object,
}  # fmt: skip


def _check_parameter(where: str, value: str, parameter: Json | None) -> None:
    if parameter is None:
        raise Drifted(f"{where} is no parameter")
    if parameter["type"] == "integer" and not re.fullmatch(r"-?\d+", value):
        raise Drifted(f"{where}: {value!r} is no whole number")
    if parameter["type"] == "boolean" and value not in ("true", "false"):
        raise Drifted(f"{where}: {value!r} is neither true nor false")
    if "enum" in parameter and value not in parameter["enum"]:
        raise Drifted(f"{where}: {value!r} is none of {parameter['enum']}")
    for bound, wrong in (("minimum", int.__lt__), ("maximum", int.__gt__)):
        if bound in parameter and wrong(int(value), int(parameter[bound])):
            raise Drifted(f"{where}: {value} is beyond the {bound}, {parameter[bound]}")


def find(http_method: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a request is for, and the parameters in its path."""
    for method in _methods():
        if method.http_method == http_method and (found := method.path.fullmatch(path)):
            return method, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


@cache
def _methods() -> tuple[Method, ...]:
    return tuple(
        method for api, version in VERSIONS.items() for method in _of(json.loads(get_static_doc(api, version)))
    )


def _of(document: Json) -> Iterator[Method]:
    for described in _in(document):
        paths = [f"/{document['servicePath']}{described['path']}"]
        if uploads := described.get("mediaUpload"):
            paths.append(uploads["protocols"]["simple"]["path"])
        for path in paths:
            yield Method(described["id"], described["httpMethod"], _pattern(path), described, document)


def _in(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _in(inner)


def _pattern(path: str) -> re.Pattern[str]:
    """``files/{fileId}`` and ``{+range}`` as patterns with groups."""
    parts = re.split(r"\{\+?(\w+)\}", path)
    return re.compile(
        "".join(f"(?P<{part}>[^/:]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )
