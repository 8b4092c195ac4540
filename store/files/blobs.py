"""Files: attachments, and whole outputs of tools. Every blob has one owner and is read in their name."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from clara.errors import UserError
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (
    Personal(
        "files",
        "blobs",
        "t.owner = %(person)s",
        export="to_jsonb(t) - 'data' || jsonb_build_object('base64', encode(t.data, 'base64'))",
    ),
)

BLOB_LIMIT = 50 * 1024 * 1024
"""Bytes of one file (the seed's limit for files)."""


@dataclass(frozen=True)
class Blob:
    id: str
    owner: str
    name: str
    media_type: str
    data: bytes


async def put(connection: Connection, owner: str, name: str, media_type: str, data: bytes) -> str:
    """Keep a file and return its id; UserError above 50 MiB."""
    if len(data) > BLOB_LIMIT:
        raise UserError(f"{name} has {len(data) / 2**20:.1f} MiB; I can keep files of up to {BLOB_LIMIT // 2**20} MiB.")
    blob_id = uuid4()
    await connection.execute(
        "insert into blobs (id, owner, name, media_type, size, data) values (%s, %s, %s, %s, %s, %s)",
        (blob_id, owner, name, media_type, len(data), data),
    )
    return str(blob_id)


async def save(pool: Pool, owner: str, name: str, media_type: str, data: bytes) -> str:
    async with pool.connection() as connection:
        return await put(connection, owner, name, media_type, data)


async def get(pool: Pool, blob_id: str, owner: str) -> Blob | None:
    """A file, if it is ``owner``'s; otherwise it does not exist."""
    try:
        wanted = UUID(blob_id)
    except ValueError:
        return None
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select id::text, owner, name, media_type, data from blobs where id = %s and owner = %s",
                (wanted, owner),
            )
        ).fetchone()
    return Blob(**{**row, "data": bytes(row["data"])}) if row else None
