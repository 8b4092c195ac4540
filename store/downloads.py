"""Files that tools have made in turns, and where a terminal has saved each of them, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from clara.messages import ConversationKey
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("downloads", "downloads", "t.blob_id in (select id from blobs where owner = %(person)s)"),)

UNSAVED_DAYS = 30
"""A file that nobody's terminal could save for so long is no longer tried."""


@dataclass(frozen=True)
class MadeFile:
    """A file that a tool made, whose bytes are a blob of ``owner``'s."""

    blob_id: str
    owner: str
    name: str
    media_type: str
    size: int
    path: str | None
    """Where a terminal saved it, or is about to."""
    saved_at: datetime | None


@dataclass(frozen=True)
class SavedPath:
    """Where a file is to be; ``saved_at`` once it is."""

    path: str
    saved_at: datetime | None


_FILES: LiteralString = (
    "select f.file->>'blob_id' as blob_id, t.user_id as owner, f.file->>'name' as name,"
    " f.file->>'media_type' as media_type, (f.file->>'size')::bigint as size, d.path, d.saved_at"
    " from turns t join tool_results r on r.turn_id = t.id"
    " cross join lateral jsonb_array_elements(r.files) with ordinality f (file, number)"
    " left join downloads d on d.blob_id = (f.file->>'blob_id')::uuid"
)
_IN_ORDER: LiteralString = " order by t.position, r.step, r.created_at, r.call_id, f.number"


def _made(row: dict[str, Any]) -> MadeFile:
    return MadeFile(**row)


async def of_turn(pool: Pool, turn_id: str) -> list[MadeFile]:
    """The files that the tools of a turn have made, in order."""
    async with pool.connection() as connection:
        rows = await (await connection.execute(f"{_FILES} where t.id = %s{_IN_ORDER}", (turn_id,))).fetchall()
    return [_made(row) for row in rows]


async def unsaved(pool: Pool, key: ConversationKey, limit: int = 100) -> list[MadeFile]:
    """Files of ended turns of a conversation whose replies were shown, but which were not saved; oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"{_FILES} where t.conversation_id = %s and t.ended_at > now() - make_interval(days => %s)"
                f" and t.shown_at is not null and d.saved_at is null{_IN_ORDER} limit %s",
                (key.id, UNSAVED_DAYS, limit),
            )
        ).fetchall()
    return [_made(row) for row in rows]


async def claim(pool: Pool, blob_id: str, path: str, instead_of: str | None = None) -> SavedPath:
    """Say where a file is about to be saved; returns what counts, which is what somebody said before.

    ``instead_of`` is a path said before that turned out to be another file's.
    """
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "insert into downloads as d (blob_id, path) values (%s, %s) on conflict (blob_id) do update"
                " set path = case when d.saved_at is null and d.path = %s then excluded.path else d.path end"
                " returning path, saved_at",
                (blob_id, path, instead_of),
            )
        ).fetchone()
    assert row is not None
    return SavedPath(**row)


async def settle(pool: Pool, blob_id: str, path: str) -> None:
    """The file is there, whole."""
    async with pool.connection() as connection:
        await connection.execute(
            "update downloads set path = %s, saved_at = now() where blob_id = %s and saved_at is null",
            (path, blob_id),
        )
