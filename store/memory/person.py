"""Everything that the store holds of one person: taken out as a whole, or wiped as a whole."""

from typing import Any, LiteralString

from clara.errors import UserError
from clara.memory.kinds import Owner
from store.database import Pool
from store.memory.writing import lock

PAYLOAD_HOURS = 49
"""Payloads of Temporal are kept for as long as a turn may live: a running one cannot go on without."""

_MEMORY: tuple[tuple[str, LiteralString], ...] = (
    ("memories", "delete from memories where user_id = %(owner)s"),
    ("lessons", "delete from memory_lessons where user_id = %(owner)s"),
    ("recalls", "delete from memory_recalls where user_id = %(owner)s"),
)
_WIPE: tuple[tuple[str, LiteralString], ...] = (
    *_MEMORY,
    ("preferences", "delete from memory_people where user_id = %(owner)s"),
    ("notes", "delete from notes where user_id = %(owner)s"),
    ("turns", "delete from turns where user_id = %(owner)s"),
    ("files", "delete from blobs where owner = %(owner)s"),
    (
        "conversations",
        "delete from conversations c where created_at < now() - interval '1 hour'"
        " and not exists (select from turns t where t.conversation_id = c.id)",
    ),
    (
        "payloads",
        "delete from payloads where created_at < now() - make_interval(hours => %(hours)s)"
        " and (position(convert_to(%(mark)s, 'UTF8') in data) > 0)",
    ),
)
"""In one transaction. Steps, results of tools and effects go with their turns."""


async def wipe(pool: Pool, owner: Owner) -> dict[str, int]:
    """Delete every trace of a person from the database; returns how much of each there was.

    UserError while a message of theirs is being answered: its turn would write on.
    """
    async with pool.connection() as connection, connection.transaction():
        await lock(connection, owner)
        await connection.execute("set local statement_timeout = '120s'")
        running = await (
            await connection.execute(
                "select count(*) as n from turns where user_id = %s and status = 'running'"
                " and started_at > now() - interval '1 hour'",
                (owner,),
            )
        ).fetchone()
        if running and running["n"]:
            raise UserError("I am still answering a message of yours. Please stop it or wait, and try again.")
        counted: dict[str, int] = {}
        parameters = {"owner": owner, "hours": PAYLOAD_HOURS, "mark": f'"id":"{owner}"'}
        for name, statement in _WIPE:
            counted[name] = (await connection.execute(statement, parameters)).rowcount
    return counted


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
                "select id::text, kind, text, project, private, origin, turn_id, quote, emotion, valence, state,"
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
