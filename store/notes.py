"""Notes that a person has Clara keep, by title. Nobody else's are ever seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from clara.memory.kinds import Owner
from clara.tools.provenance import Provenance
from store.database import Connection, Pool
from store.memory.writing import lock_turn
from store.people.personal import Personal

PERSONAL = (Personal("notes", "notes", "t.user_id = %(person)s"),)


@dataclass(frozen=True)
class Note:
    title: str
    text: str
    private: bool
    """Written in private: not for places where others read."""
    updated_at: datetime
    origin: Provenance = Provenance.PERSON
    """Whose words it is made of."""


_COLUMNS: LiteralString = "title, text, private, updated_at, origin"
_TITLED: LiteralString = "user_id = %(owner)s and lower(title) = lower(%(title)s) and (not %(open)s or not private)"


async def save(connection: Connection, owner: Owner, note: Note, turn_id: str) -> bool:
    """Write a note in place of all of the same title, in the caller's transaction; False where the turn is gone.

    Under the owner's lock until its end, so that what ``find`` found before it holds.
    """
    if not await lock_turn(connection, owner, turn_id):
        return False
    values = {
        **{"owner": owner, "title": note.title, "open": False, "text": note.text},
        **{"private": note.private, "origin": note.origin},
    }
    await connection.execute(f"delete from notes where {_TITLED}", values)
    await connection.execute(
        "insert into notes (user_id, title, text, private, origin)"
        " values (%(owner)s, %(title)s, %(text)s, %(private)s, %(origin)s)",
        values,
    )
    return True


async def titles(pool: Pool, owner: Owner, limit: int, open_only: bool) -> list[Note]:
    """The newest notes, their texts cut to a first line. ``open_only``: without those written in private."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select title, left(text, 120) as text, private, updated_at, origin from notes where user_id = %s"
                " and (not %s or not private) order by updated_at desc limit %s",
                (owner, open_only, limit),
            )
        ).fetchall()
    return [_note(row) for row in rows]


async def read(pool: Pool, owner: Owner, title: str, open_only: bool) -> Note | None:
    async with pool.connection() as connection:
        return await find(connection, owner, title, open_only)


async def find(connection: Connection, owner: Owner, title: str, open_only: bool) -> Note | None:
    row = await (
        await connection.execute(
            f"select {_COLUMNS} from notes where {_TITLED} order by updated_at desc limit 1",
            {"owner": owner, "title": title, "open": open_only},
        )
    ).fetchone()
    return _note(row) if row else None


def _note(row: dict[str, Any]) -> Note:
    return Note(**{**row, "origin": Provenance(row["origin"])})


async def delete(pool: Pool, owner: Owner, title: str, open_only: bool) -> bool:
    """Whether there was such a note."""
    async with pool.connection() as connection:
        done = await connection.execute(
            f"delete from notes where {_TITLED}", {"owner": owner, "title": title, "open": open_only}
        )
    return done.rowcount > 0
