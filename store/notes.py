"""Notes that a person has Clara keep, by title. Nobody else's are ever seen."""

from dataclasses import dataclass
from datetime import datetime

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("notes", "notes", "t.user_id = %(person)s"),)


@dataclass(frozen=True)
class Note:
    title: str
    text: str
    updated_at: datetime


async def save(pool: Pool, user_id: str, title: str, text: str) -> None:
    """Write a note; one of the same title is replaced."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into notes (user_id, title, text) values (%s, %s, %s)"
            " on conflict (user_id, title) do update set text = excluded.text, updated_at = now()",
            (user_id, title, text),
        )


async def titles(pool: Pool, user_id: str, limit: int) -> list[Note]:
    """The newest notes, their texts cut to a first line."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select title, left(text, 120) as text, updated_at from notes where user_id = %s"
                " order by updated_at desc limit %s",
                (user_id, limit),
            )
        ).fetchall()
    return [Note(**row) for row in rows]


async def read(pool: Pool, user_id: str, title: str) -> Note | None:
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select title, text, updated_at from notes where user_id = %s and lower(title) = lower(%s)",
                (user_id, title),
            )
        ).fetchone()
    return Note(**row) if row else None


async def delete(pool: Pool, user_id: str, title: str) -> bool:
    """Whether there was such a note."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "delete from notes where user_id = %s and lower(title) = lower(%s)", (user_id, title)
        )
    return done.rowcount > 0
