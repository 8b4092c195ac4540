"""Files that a person keeps with Clara, by name. Nobody else's are ever seen.

The bytes are a blob, or an object in S3, which is written between ``reserve`` and ``stored``.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from clara.filenames import numbered
from clara.memory.kinds import Owner
from clara.tools.provenance import Provenance
from store.database import Connection, Pool
from store.memory.writing import lock_turn
from store.people.personal import Personal

PERSONAL = (Personal("kept_files", "kept_files", "t.user_id = %(person)s"),)

ABANDONED: LiteralString = "interval '1 day'"
"""What was not stored after so long never will be: no call is tried for longer."""


@dataclass(frozen=True)
class Location:
    """Where the bytes are: a blob, or an object in a bucket."""

    blob_id: str | None = None
    bucket: str | None = None
    object: str | None = None


@dataclass(frozen=True)
class StoredFile:
    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    private: bool
    """Kept in private: not for places where others read."""
    origin: Provenance
    """Whose words it is made of."""
    created_at: datetime
    stored: bool
    """False while its bytes are on their way."""
    location: Location


@dataclass(frozen=True)
class Draft:
    """A file that is to be kept. ``key`` is that of the call that asks for it."""

    id: UUID
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    private: bool
    origin: Provenance


Place = Callable[[Connection], Awaitable[Location]]


class OverQuota(Exception):
    """There is no room; ``used`` is what the person's files have together, in bytes."""

    def __init__(self, used: int) -> None:
        super().__init__(f"{used} bytes are used")
        self.used = used


_COLUMNS: LiteralString = (
    "id::text, name, media_type, size, sha256, private, origin, created_at, stored, blob_id::text, bucket, object"
)
_SEEN: LiteralString = "user_id = %(owner)s and stored and (not %(open)s or not private)"


def _file(row: dict[str, Any]) -> StoredFile:
    location = Location(row.pop("blob_id"), row.pop("bucket"), row.pop("object"))
    return StoredFile(**{**row, "origin": Provenance(row["origin"])}, location=location)


async def reserve(
    connection: Connection, owner: Owner, draft: Draft, place: Place, quota: int, turn_id: str
) -> StoredFile | None:
    """Take a name and room for a file, in the caller's transaction; None where the turn that asks is gone.

    ``place`` says where its bytes are, or writes them. A second attempt of the same call finds what the first
    one took. Where the name is taken, it gets a number. The file is there for its person at once where it is a
    blob, else after ``stored``. OverQuota where it does not fit.
    """
    if not await lock_turn(connection, owner, turn_id):
        return None
    found = await _one(connection, "key = %(key)s and user_id = %(owner)s", {"key": draft.key, "owner": owner})
    if found is not None:
        return found
    rows = await (
        await connection.execute("select name, private, size from kept_files where user_id = %s", (owner,))
    ).fetchall()
    used = sum(row["size"] for row in rows)
    if used + draft.size > quota:
        raise OverQuota(used)
    # In an open place a private file's name is not to be noticed, not even by a number.
    taken = [row["name"] for row in rows if draft.private or not row["private"]]
    location = await place(connection)
    row = await (
        await connection.execute(
            "insert into kept_files (id, user_id, name, media_type, size, sha256, private, origin, key, blob_id,"
            " bucket, object, stored) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            f" returning {_COLUMNS}",
            (
                *(draft.id, owner, numbered(draft.name, taken), draft.media_type, draft.size, draft.sha256),
                *(draft.private, draft.origin, draft.key, location.blob_id, location.bucket, location.object),
                location.blob_id is not None,
            ),
        )
    ).fetchone()
    assert row is not None
    return _file(row)


async def stored(pool: Pool, owner: Owner, id: str) -> bool:
    """The object is where it should be; False if the file was deleted meanwhile, which its object then is as well."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update kept_files set stored = true where id = %s and user_id = %s", (id, owner)
        )
    return done.rowcount == 1


async def of_call(pool: Pool, owner: Owner, key: str) -> StoredFile | None:
    """What an earlier attempt of a call has taken a name for."""
    async with pool.connection() as connection:
        return await _one(connection, "key = %(key)s and user_id = %(owner)s", {"key": key, "owner": owner})


async def find(pool: Pool, owner: Owner, name: str, open_only: bool) -> StoredFile | None:
    """A file by its name. ``open_only``: not one that was kept in private."""
    values = {"owner": owner, "name": name, "open": open_only}
    async with pool.connection() as connection:
        return await _one(connection, f"{_SEEN} and lower(name) = lower(%(name)s)", values)


async def of_person(pool: Pool, owner: Owner, open_only: bool, limit: int) -> list[StoredFile]:
    """The newest files."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from kept_files where {_SEEN} order by created_at desc, id limit %(limit)s",
                {"owner": owner, "open": open_only, "limit": limit},
            )
        ).fetchall()
    return [_file(row) for row in rows]


async def usage(pool: Pool, owner: Owner) -> tuple[int, int]:
    """How many files a person keeps, and their bytes."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select count(*) as n, coalesce(sum(size), 0)::bigint as bytes from kept_files where user_id = %s",
                (owner,),
            )
        ).fetchone()
    return (row["n"], row["bytes"]) if row else (0, 0)


async def delete(pool: Pool, owner: Owner, ids: Sequence[str]) -> int:
    """Let go of files, with their blobs; objects in S3 are deleted after that. Returns how many there were."""
    async with pool.connection() as connection:
        return await _delete(
            connection, "user_id = %(owner)s and id = any(%(ids)s::uuid[])", {"owner": owner, "ids": list(ids)}
        )


async def delete_abandoned(pool: Pool) -> int:
    """Let go of what was on its way to S3 and never came to its end."""
    async with pool.connection() as connection:
        return await _delete(connection, f"not stored and created_at < now() - {ABANDONED}", {})


async def _delete(connection: Connection, which: LiteralString, values: dict[str, Any]) -> int:
    async with connection.transaction():
        rows = await (
            await connection.execute(f"delete from kept_files where {which} returning blob_id", values)
        ).fetchall()
        await connection.execute(
            "delete from blobs where id = any(%s)", ([row["blob_id"] for row in rows if row["blob_id"]],)
        )
    return len(rows)


async def _one(connection: Connection, which: LiteralString, values: dict[str, Any]) -> StoredFile | None:
    row = await (
        await connection.execute(
            f"select {_COLUMNS} from kept_files where {which} order by created_at desc limit 1", values
        )
    ).fetchone()
    return _file(row) if row else None
