"""JSON schemas of arguments as servers give them: whether models can be given one, and a first check by it.

The whole check is the server's: its schema may refer to itself, or hold patterns that take years to match.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from clara.text import printable

SIZE_LIMIT = 16_000
"""Characters of a schema: two tools of this size would fill what a prompt has for tools."""

DEPTH_LIMIT = 32

_PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_COMBINED = ("anyOf", "oneOf", "allOf", "not", "enum", "$ref")


def fault(parameters: Mapping[str, Any]) -> str | None:
    """Why no model can be given this schema; None where one can. One that a provider refuses would end every turn."""
    if parameters.get("type") != "object":
        return "its arguments are no object"
    if not isinstance(parameters.get("properties", {}), Mapping):
        return "its arguments are not described as properties"
    if found := next((each for each in _COMBINED if each in parameters), None):
        return f"its arguments are described by {found}, which not all models take"
    if why := _too_large(parameters):
        return why
    for name in parameters.get("properties", {}):
        if not _PROPERTY.fullmatch(name):
            return "an argument has a name that models do not take"
    required = parameters.get("required", [])
    if not isinstance(required, list) or not all(isinstance(each, str) for each in required):
        return "its required arguments are no list of names"
    return None


def _too_large(parameters: Mapping[str, Any]) -> str | None:
    try:
        size = len(json.dumps(parameters))
    except (TypeError, ValueError, RecursionError):
        return "its arguments are described by what is no JSON"
    if size > SIZE_LIMIT:
        return f"the description of its arguments is longer than {SIZE_LIMIT:,} characters"
    for deep, keyword, value in _walked(parameters):
        if deep > DEPTH_LIMIT:
            return "the description of its arguments is nested too deeply"
        if keyword in ("$ref", "$dynamicRef") and not (isinstance(value, str) and value.startswith("#")):
            return "the description of its arguments refers to another address"
    return None


def for_model(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without what is not for the model, and without characters that nobody sees."""
    shown = _shown({key: value for key, value in parameters.items() if key not in ("$schema", "$id", "title")})
    assert isinstance(shown, dict)
    return {**shown, "properties": shown.get("properties", {})}


def outline(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is checked here: names, and the plain types and choices of each, which takes no time."""
    properties = {name: _plain(each) for name, each in parameters.get("properties", {}).items()}
    required = list(parameters.get("required", []))
    outlined: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    if parameters.get("additionalProperties") is False and "patternProperties" not in parameters:
        outlined["additionalProperties"] = False
    return outlined


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names too."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, each in value.items():
                yield str(key)
                yield from texts(each)
        case list() | tuple():
            for each in value:
                yield from texts(each)


def _plain(field: Any) -> dict[str, Any]:
    if not isinstance(field, Mapping):
        return {}
    kept: dict[str, Any] = {}
    kinds = field.get("type")
    if _are_types([kinds] if isinstance(kinds, str) else kinds):
        kept["type"] = kinds
    choices = field.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(each, str | int | float | None) for each in choices):
        kept["enum"] = choices
    return kept


def _are_types(kinds: Any) -> bool:
    return isinstance(kinds, list) and bool(kinds) and all(isinstance(each, str) and each in _TYPES for each in kinds)


def _shown(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {printable(str(key)): _shown(each) for key, each in value.items()}
        case list() | tuple():
            return [_shown(each) for each in value]
    return value


def _walked(value: Any, deep: int = 0) -> Iterator[tuple[int, str, Any]]:
    if deep > DEPTH_LIMIT + 1:
        return
    match value:
        case Mapping():
            for key, each in value.items():
                yield deep, str(key), each
                yield from _walked(each, deep + 1)
        case list() | tuple():
            for each in value:
                yield deep, "", each
                yield from _walked(each, deep + 1)
