"""Text from outside, safe to print and short enough."""

import json
from typing import Any

from clara.text import ESCAPED, printable

__all__ = ["as_json", "excerpt", "one_line", "printable"]


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON that reads back as ``value``: letters as they are, and as escapes whatever ``printable`` looks at."""
    return ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(value, indent=indent, ensure_ascii=False))


def one_line(text: str, limit: int) -> str:
    """The beginning of ``text`` on one line of at most ``limit`` characters."""
    flat = " ".join(printable(text[: limit * 4]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def excerpt(text: str, limit: int) -> str:
    """``text``, cut to ``limit`` characters and saying so."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}\n(and {len(text) - limit:,} characters more)"
