"""Ids of what lies in Drive. People know a file by its address, so models may give that as well."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_ID = re.compile(r"[A-Za-z0-9_-]+")
_ADDRESS = re.compile(
    r"https://(?:docs|drive)\.google\.com/(?:\S*?/)?(?:d/|folders/|\S*?[?&]id=)([A-Za-z0-9_-]+)(?:[/?#&]\S*)?"
)

ID_LIMIT = 200
"""Characters. Google's have 19 to 80."""


def id_of(given: str) -> str:
    """The id, of an id or an address; ValueError for anything else, in words for a model."""
    found = _ADDRESS.fullmatch(given.strip())
    id = found[1] if found else given.strip()
    if not _ID.fullmatch(id) or len(id) > ID_LIMIT:
        raise ValueError("it is neither an id nor an address at docs.google.com or drive.google.com")
    return id


FileId = Annotated[str, Field(min_length=1, max_length=1000, description="id or address"), AfterValidator(id_of)]
FolderId = Annotated[
    str, Field(min_length=1, max_length=1000, description='id or address; "root" is My Drive'), AfterValidator(id_of)
]


def address(id: str) -> str:
    """Where a person finds it, whatever it is."""
    return f"https://drive.google.com/open?id={id}"
