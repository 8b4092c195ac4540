"""Names of files from outside, fit to be written to a disk, uploaded and shown.

A name may come from a model, a page, an archive or a stranger: with a path in it, control characters, characters that
turn a line around or that nobody sees, names that mean a device, or more bytes than a file system takes.
"""

import re
import unicodedata
from collections.abc import Collection

LIMIT = 200
"""Bytes in UTF-8. File systems take 255; the rest is room for a number and for the ending of a file in the making."""

ENDING_LIMIT = 20
UNNAMED = "file"

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
"""Devices on Windows, whatever ending follows them."""

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f5\u29f8\ufe68\uff0f\uff3c]")
"""Slashes, and what looks like one or is made one by a file system that normalises names."""

_MARKS = dict.fromkeys(map(ord, "[]_'"))
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


def clean_name(name: str) -> str:
    """``name`` as a plain file name of at most 200 bytes: no path, nothing invisible, no device, never empty.

    A clean name stays as it is.
    """
    parts = [_visible(part) for part in _SEPARATORS.split(name)]
    plain = next((part for part in reversed(parts) if part), "")
    if _RESERVED.fullmatch(plain.partition(".")[0].rstrip()):
        plain = f"_{plain}"
    return _cut(plain) or UNNAMED


def numbered(name: str, taken: Collection[str]) -> str:
    """``name``, or with a number before its ending the first that is not ``taken``; case makes no difference."""
    known = {each.casefold() for each in taken}
    stem, ending = _split(name)
    number, candidate = 1, name
    while candidate.casefold() in known:
        number += 1
        candidate = f"{stem} ({number}){ending}"
    return candidate


def same(one: str, other: str) -> bool:
    """Whether two names mean the same file, as a person or a model writes them.

    Marks that prompts leave out of names make no difference.
    """
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return clean_name(name).casefold().translate(_MARKS)


def _visible(part: str) -> str:
    """A part of a path without what nobody sees, and without what file systems refuse or hide."""
    found = []
    for character in part:
        category = unicodedata.category(character)
        if category not in _DROPPED and not unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
            found.append(" " if category in _SPACES else character)
    seen = unicodedata.normalize("NFC", "".join(found))
    # A dot in front hides a file, a dash makes it an option; Windows drops dots and spaces at the end.
    return " ".join(_FORBIDDEN.sub("_", seen).split()).lstrip(".- ~\u2024\uff0e").rstrip(". ")


def _split(name: str) -> tuple[str, str]:
    """The name before its ending, and the ending with its dot; ``tar.gz`` counts as one."""
    found = re.fullmatch(r"(.+?)((?:\.tar)?\.[^. ]+)", name)
    return (found[1], found[2]) if found and len(found[2].encode()) <= ENDING_LIMIT else (name, "")


def _cut(name: str) -> str:
    if len(name.encode()) <= LIMIT:
        return name
    stem, ending = _split(name)
    room = LIMIT - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + ending
