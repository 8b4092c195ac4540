"""What the model is shown of a file that somebody attached: found out once, the same for ever."""

from dataclasses import dataclass
from uuid import UUID

from clara.files import Shown
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (
    Personal(
        "file_readings",
        "file_readings",
        "t.blob_id in (select id from blobs where owner = %(person)s)",
        export="to_jsonb(t) - 'data'",  # a smaller copy of the file
    ),
)


@dataclass(frozen=True)
class FileReading:
    kind: Shown
    media_type: str
    """What the content is, for an image that of ``data``."""
    text: str = ""
    """The file's text, or why it cannot be read."""
    data: bytes | None = None
    """The image, as models take it."""


async def get(pool: Pool, blob_id: str, owner: str) -> FileReading | None:
    """What was read of a file that is ``owner``'s; None if it was not read yet."""
    try:
        wanted = UUID(blob_id)
    except ValueError:
        return None
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select kind, r.media_type, text,"
                " case when kind = 'image' then coalesce(r.data, b.data) end as data"
                " from file_readings r join blobs b on b.id = r.blob_id where b.id = %s and b.owner = %s",
                (wanted, owner),
            )
        ).fetchone()
    return FileReading(**row) if row else None


async def save(pool: Pool, blob_id: str, reading: FileReading, unchanged: bool) -> None:
    """Keep what was read; the first to do so counts. ``unchanged``: the image is the file itself."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into file_readings (blob_id, kind, media_type, text, data)"
            " select id, %s, %s, %s, %s from blobs where id = %s on conflict do nothing",
            (reading.kind, reading.media_type, reading.text, None if unchanged else reading.data, UUID(blob_id)),
        )
