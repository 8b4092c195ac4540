"""A person's memories as a whole: taken out, or cleared. ``store/people`` has the rest of them."""

from typing import Any, LiteralString

from clara.memory.kinds import Owner
from store.database import Pool
from store.memory.writing import lock

_MEMORY: tuple[tuple[str, LiteralString], ...] = (
    ("memories", "delete from memories where user_id = %(owner)s"),
    ("lessons", "delete from memory_lessons where user_id = %(owner)s"),
    ("recalls", "delete from memory_recalls where user_id = %(owner)s"),
    ("faults", "delete from memory_faults where user_id = %(owner)s"),
)


async def clear_memories(pool: Pool, owner: Owner) -> dict[str, int]:
    """Delete a person's memories and what they were learned from; conversations stay."""
    async with pool.connection() as connection, connection.transaction():
        await lock(connection, owner)
        return {name: (await connection.execute(statement, {"owner": owner})).rowcount for name, statement in _MEMORY}


async def export(pool: Pool, owner: Owner) -> dict[str, Any]:
    """All that Clara remembers of a person, former versions too, as plain values."""
    async with pool.connection() as connection:
        memories = await (
            await connection.execute(
                "select id::text, kind, text, quoted, reading, keywords, project, private, origin, turn_id,"
                " conversation, emotion, valence, state,"
                " replaced_by::text, created_at::text, ended_at::text, expires_at::text from memories"
                " where user_id = %s and state <> 'forgotten' order by created_at, id",
                (owner,),
            )
        ).fetchall()
        notes = await (
            await connection.execute(
                "select title, text, updated_at::text from notes where user_id = %s order by title", (owner,)
            )
        ).fetchall()
    return {"user": owner, "memories": memories, "notes": notes}


async def owners(pool: Pool) -> list[str]:
    """Everybody who has memories, for the operator."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("select distinct user_id from memories order by user_id")).fetchall()
    return [row["user_id"] for row in rows]
