"""The memories in a JSON file: mem0's ``get_all`` as it was printed, its exports, MyPalClara's and Clara's."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from clara.errors import UserError

_LISTS = ("", "results", "memories", "data")
"""Where the list may stand: the whole file, or under one of these names."""

_BOM = b"\xef\xbb\xbf"


async def items(path: Path) -> AsyncGenerator[Any, None]:
    """The items of its list, read one at a time, so that a file of any size may come.

    Raises UserError for what is no JSON, is cut off, or has no such list.
    """
    with path.open("rb") as file:
        listed = _list_of(file, path.name)
        read = 0
        try:
            for item in ijson.items(_begun(file), listed, use_float=True):
                read += 1
                yield item
        except (ijson.JSONError, UnicodeDecodeError):
            raise UserError(
                f"{path.name} cannot be read after its memory {read:,}: it is cut off, or no JSON in UTF-8."
            ) from None


def _list_of(file: BinaryIO, name: str) -> str:
    try:
        for prefix, event, _ in ijson.parse(_begun(file), use_float=True):
            if event == "start_array" and prefix in _LISTS:
                return f"{prefix}.item" if prefix else "item"
    except (ijson.JSONError, UnicodeDecodeError):
        raise UserError(f"{name} is no JSON in UTF-8, or is cut off before its first memory.") from None
    names = ", ".join(name for name in _LISTS if name)
    raise UserError(f"{name} has no list of memories, neither as a whole nor under {names}.")


def _begun(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)
    return file
