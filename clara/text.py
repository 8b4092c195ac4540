"""Text from outside, fit to be stored and sent on."""

import math
from typing import Any

DEEPEST = 64
"""Levels of lists and objects within each other; what people and their tools write has a handful."""


def storable(text: str) -> str:
    """``text`` as Postgres and every encoder take it: without NUL, halves of surrogate pairs replaced or joined."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def storable_value(value: Any, deepest: int = DEEPEST) -> Any:
    """A parsed JSON value whose every text is storable; ValueError where no JSON column would take the value.

    That is so for NaN and the infinities, and for what is nested too deeply for a parser.
    """
    match value:
        case str():
            return storable(value)
        case float() if not math.isfinite(value):
            raise ValueError("a number that JSON does not have")
        case list() | dict() if deepest == 0:
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        case list():
            return [storable_value(item, deepest - 1) for item in value]
        case dict():
            return {storable(str(key)): storable_value(item, deepest - 1) for key, item in value.items()}
    return value
