"""Files that a tool has made, on their way to its person: which are kept, and under which names.

Names come from models and from the world. What cannot be kept is told to the model, so that the person hears of it.
"""

from collections.abc import Sequence
from dataclasses import replace

from activities.tools.tool import File
from clara.filenames import clean_name, numbered
from clara.files import media_type_of, size_in_words
from store.database import Connection
from store.files import blobs
from store.turns.steps import KeptFile

MAX_FILES = 20
"""Of one call."""

NAMED = 10


def fitting(files: Sequence[File]) -> tuple[tuple[File, ...], str]:
    """The files that are kept, their names clean and each there once; and what the model is told of the others."""
    kept: list[File] = []
    refused: list[str] = []
    for file in files:
        name = numbered(clean_name(file.name), [each.name for each in kept])
        if len(file.data) > blobs.BLOB_LIMIT:
            refused.append(f"{name} has {size_in_words(len(file.data))}, of {size_in_words(blobs.BLOB_LIMIT)} at most")
        elif len(kept) == MAX_FILES:
            refused.append(f"{name} is more than the {MAX_FILES} files that one call may bring")
        else:
            kept.append(replace(file, name=name, media_type=media_type_of(file.data) or file.media_type))
    more = f"; and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    told = f"\n\n[not kept, and not sent: {'; '.join(refused[:NAMED])}{more}]" if refused else ""
    return tuple(kept), told


async def keep(connection: Connection, owner: str, files: Sequence[File]) -> tuple[KeptFile, ...]:
    """Keep each as a blob of ``owner``'s, in the caller's transaction."""
    return tuple(
        [
            KeptFile(
                blob_id=await blobs.put(connection, owner, file.name, file.media_type, file.data),
                name=file.name,
                media_type=file.media_type,
                size=len(file.data),
            )
            for file in files
        ]
    )
