"""Packages, as a model asks for them: names in an index, with versions, and nothing else that pip takes."""

import re

from clara.errors import ToolFailed

MOST = 20

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_EXTRAS = rf"(?:\[{_NAME}(?:,{_NAME}){{0,9}}\])?"
_VERSION = r"(?:(?:==|>=|<=|~=|!=|>|<)[A-Za-z0-9.*+!_-]{1,50})"
_AROUND = re.compile(r" *(==|>=|<=|~=|!=|>|<|,|\[|\]) *")
_PACKAGE = re.compile(rf"{_NAME}{_EXTRAS}(?:{_VERSION}(?:,{_VERSION}){{0,4}})?")


def packages(asked: list[str]) -> list[str]:
    """The requirements for pip; ToolFailed for addresses, paths, options and what is no name."""
    found = [text for each in asked if (text := _AROUND.sub(r"\1", each.strip()))]
    if not found:
        raise ToolFailed("Name the packages, like pandas or pandas==2.2.")
    if len(found) > MOST:
        raise ToolFailed(f"{MOST} packages can be installed at once.")
    for each in found:
        if not _PACKAGE.fullmatch(each):
            raise ToolFailed(
                f"{each[:100]!r} is no name of a package, like pandas or pandas==2.2. Addresses are not taken."
            )
    return found
