"""Text from outside, safe to print.

A model's answer, a pasted message or a tool's argument may hold escape sequences that would move the
cursor, change the window's title or write to the clipboard; characters that turn the order of a line
around; and ones that nobody sees, in which words can be hidden. Postgres refuses NUL, and no encoder
takes half of a surrogate pair.

What scripts need stays: joiners between letters that are not ASCII and in emoji, the marks of
direction of one character, one variation selector a character, and the flags that are spelt with tags.
"""

import json
import re
from typing import Any

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_DIRECTION = r"\u202a-\u202e\u2066-\u206f"
"""Embeddings, overrides and isolates, which reach beyond their own word, and the old ones of that kind."""

_UNSEEN = (
    r"\u00ad\u034f\u180e\u200b\u2060-\u2065\ufeff\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_TAGS = r"\U000e0000-\U000e0fff"
_JOINERS = r"\u200c\u200d"
_VARIATIONS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"

_REFUSED = re.compile(
    # A flag such as Scotland's is a black flag and up to six letters in tags, closed by one.
    r"(?P<kept>\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f?"
    # One joiner, or one selector and a joiner, after a character beyond ASCII that is seen.
    rf"|(?<=[^\x00-\x9f\s{_DIRECTION}{_UNSEEN}{_TAGS}{_JOINERS}{_VARIATIONS}])"
    rf"(?:[{_VARIATIONS}][{_JOINERS}]?|[{_JOINERS}])"
    # The selector of a keycap.
    r"|(?<=[0-9#*])\ufe0f)"
    rf"|[{_CONTROL}{_DIRECTION}{_UNSEEN}{_TAGS}{_JOINERS}{_VARIATIONS}]"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rf"[{_CONTROL}\u2028\u2029\ud800-\udfff{_DIRECTION}{_UNSEEN}{_TAGS}{_JOINERS}{_VARIATIONS}]")


def printable(text: str) -> str:
    """``text`` without what is listed above; line ends and tabs stay. What grows at its end stays a prefix."""
    return _SURROGATE.sub("�", _REFUSED.sub(lambda found: found["kept"] or "", _LINE_END.sub("\n", text)))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON that reads back as ``value``: letters as they are, and as escapes whatever ``printable`` looks at."""
    return _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(value, indent=indent, ensure_ascii=False))


def one_line(text: str, limit: int) -> str:
    """The beginning of ``text`` on one line of at most ``limit`` characters."""
    flat = " ".join(printable(text[: limit * 4]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def excerpt(text: str, limit: int) -> str:
    """``text``, cut to ``limit`` characters and saying so."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}\n(and {len(text) - limit:,} characters more)"
