"""The parameter ``fields``: of an answer only what was asked for."""

import re
from typing import Any

_TOKEN = re.compile(r"[\w*]+|[(),./]")


def chosen(answer: Any, fields: str) -> Any:
    """``answer`` with ``a,b(c,d/e)`` of it alone. ValueError where the mask cannot be read."""
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != fields:
        raise ValueError(f"Invalid field selection {fields}")
    mask, rest = _mask(tokens)
    if rest:
        raise ValueError(f"Invalid field selection {''.join(rest)}")
    return _only(answer, mask)


def _mask(tokens: list[str]) -> tuple[dict[str, Any], list[str]]:
    mask: dict[str, Any] = {}
    while tokens and tokens[0] != ")":
        name, *tokens = tokens
        inner: dict[str, Any] = {}
        if tokens and tokens[0] in "./":
            inner, tokens = _path(tokens[1:])
        elif tokens and tokens[0] == "(":
            inner, tokens = _mask(tokens[1:])
            if not tokens:
                raise ValueError("Invalid field selection: ) is missing")
            tokens = tokens[1:]
        mask[name] = {**mask.get(name, {}), **inner}
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    return mask, tokens


def _path(tokens: list[str]) -> tuple[dict[str, Any], list[str]]:
    name, *tokens = tokens
    if tokens and tokens[0] in "./":
        inner, tokens = _path(tokens[1:])
        return {name: inner}, tokens
    if tokens and tokens[0] == "(":
        inner, tokens = _mask(tokens[1:])
        return {name: inner}, tokens[1:]
    return {name: {}}, tokens


def _only(value: Any, mask: dict[str, Any]) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_only(each, mask) for each in value]
    return {name: _only(value[name], inner) for name, inner in mask.items() if name in value}
