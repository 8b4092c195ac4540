"""From what a person names to the items that stand there."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activities.memory.sources import collection, export_file, table
from clara.errors import UserError

TABLE = "clara_memories"
"""MyPalClara's name of its table or collection; mem0's own is ``mem0``."""


@dataclass(frozen=True)
class Source:
    """``items`` begins anew each time it is called, and holds a page of them at a time."""

    name: str
    items: Callable[[], AsyncGenerator[Any, None]]


def source(where: str, named: str | None = None, qdrant_key: str | None = None) -> Source:
    """A JSON file, a Postgres at an address, a Qdrant at an address or in a folder; UserError where it is none.

    ``named`` is the table or collection, TABLE if it is not given.
    """
    held = named or TABLE
    if where.startswith(("postgresql://", "postgres://")):
        return Source(f"the table {held}", lambda: table.items(where, held))
    if where.startswith(("http://", "https://")):
        return Source(f"the collection {held}", lambda: collection.items(collection.at(where, qdrant_key), held))
    path = Path(where).expanduser()
    if path.is_dir():
        return Source(f"the collection {held}", lambda: collection.items(collection.within(path), held))
    if not path.is_file():
        raise UserError(
            f"There is no file {where}. It may be a JSON file, postgresql://..., "
            "or the address or the folder of a Qdrant."
        )
    if named:
        raise UserError("--table is for databases: a file holds one list of memories.")
    return Source(path.name, lambda: export_file.items(path))
