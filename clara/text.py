"""Text from outside, fit to be stored and sent on."""

import math
import re
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
ESCAPED = re.compile(rf"[{_CONTROL}\u2028\u2029\ud800-\udfff{_DIRECTION}{_UNSEEN}{_TAGS}{_JOINERS}{_VARIATIONS}]")
"""What ``printable`` looks at, and ends of lines."""


def printable(text: str) -> str:
    """``text`` without what moves a cursor, turns a line around or is not seen; what grows at its end stays a prefix.

    An answer, a page or a tool's argument may hold escape sequences that would change a terminal or write to the
    clipboard, characters that turn the order of a line around, and ones that nobody sees, in which words can be hidden.
    Postgres refuses NUL, and no encoder takes half of a surrogate pair.

    Line ends and tabs stay, and what scripts need: joiners between letters that are not ASCII and in emoji, the marks
    of direction of one character, one variation selector a character, and the flags that are spelt with tags.
    """
    return _SURROGATE.sub("�", _REFUSED.sub(lambda found: found["kept"] or "", _LINE_END.sub("\n", text)))


_DROPPED = frozenset("\u00ad\ufeff")
"""Soft hyphens and marks of byte order: they say nothing, and text is full of them."""


def revealed(text: str) -> str:
    """``text`` with what ``printable`` takes out written out, as in [U+202E]; a run of it as its first and a number."""
    parts: list[str] = []
    last, hidden = 0, list[str]()

    def close() -> None:
        if hidden:
            more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
            parts.append(f"[U+{ord(hidden[0]):04X}{more}]")
            hidden.clear()

    text = _SURROGATE.sub("\ufffd", _LINE_END.sub("\n", text))
    for found in _REFUSED.finditer(text):
        if found.start() > last:
            close()
            parts.append(text[last : found.start()])
        last = found.end()
        if found["kept"]:
            close()
            parts.append(found["kept"])
        elif found[0] not in _DROPPED:
            hidden.append(found[0])
    close()
    return "".join([*parts, text[last:]]) if last else text
