"""Paths in a box, as a model writes them."""

import posixpath

from clara.errors import ToolFailed

HOME = "/home/user"
"""Of the user in a box."""
TEMPORARY = "/tmp"
ATTACHMENTS = "attachments"
"""The folder of what came with messages."""

LONGEST = 1_000


def in_box(path: str) -> str:
    """The absolute path of a file in a box; relative ones begin in its home. ToolFailed for any other place.

    Only what is told early is checked here: the process that opens it runs in the box and can reach nothing else.
    """
    text = path.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise ToolFailed("That is no path of a file. Name one like data/table.csv.")
    if text == "~" or text.startswith("~/"):
        text = HOME + text[1:]
    if text.startswith("~"):
        raise ToolFailed("There is no other user in the sandbox. Name a file like data/table.csv.")
    whole = posixpath.normpath(posixpath.join(HOME, text))
    if whole not in (HOME, TEMPORARY) and not whole.startswith((f"{HOME}/", f"{TEMPORARY}/")):
        raise ToolFailed(
            f"{path} is not in the sandbox's folder. Its files are in {HOME}: name one like data/table.csv."
        )
    return whole


def shown(path: str) -> str:
    """A path as it is told: relative to the home where it lies there."""
    return path.removeprefix(f"{HOME}/")
