"""Files, folders and trees."""

from collections.abc import Mapping
from typing import Any

from clara.files import size_in_words
from clara.memory.kinds import one_line

_KINDS = {
    "dir": "folder",
    "tree": "folder",
    "symlink": "symbolic link",
    "submodule": "submodule",
    "commit": "submodule",
}


def file_head(found: Mapping[str, Any]) -> str:
    """What is told above a file."""
    size = size_in_words(found["size"])
    return f"[{one_line(found['path'])}]({found['html_url']}) ({size}; version {found['sha']})"


def entry(found: Mapping[str, Any]) -> str:
    """A file or a folder in a list, of a folder or a tree."""
    kind = _KINDS.get(found["type"])
    return f"- {one_line(found['path'])} ({kind or size_in_words(found.get('size') or 0)})"
