"""Everything that the store holds of one person: taken out as a whole, or wiped as a whole.

Each module declares its own tables; a test fails for a table that nobody declares. What is outside of
the store, such as vectors in another database and Temporal's histories, is not reached from here.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

from clara.errors import UserError
from clara.memory.kinds import Owner
from store import (
    accounts,
    approvals,
    audit,
    budgets,
    chat,
    conversations,
    discord,
    downloads,
    grants,
    logins,
    notes,
    notices,
    payloads,
    plugin_questions,
    plugins,
    sandbox,
    sign_ins,
)
from store.database import Connection, Pool
from store.files import blobs, kept, objects
from store.files import readings as file_readings
from store.memory import embeddings, faults, lessons, preferences, records, removals, requests
from store.memory.writing import lock
from store.people import zones
from store.people.personal import Personal
from store.schedules import operators, runs, schedules
from store.turns import effects, offers, side_calls, steps, turns, waits

PERSONAL: tuple[Personal, ...] = (
    *(*records.PERSONAL, *lessons.PERSONAL, *preferences.PERSONAL),
    *(*requests.PERSONAL, *faults.PERSONAL, *removals.PERSONAL),
    *(*notes.PERSONAL, *file_readings.PERSONAL, *downloads.PERSONAL, *kept.PERSONAL, *blobs.PERSONAL),
    *(*steps.PERSONAL, *side_calls.PERSONAL, *effects.PERSONAL, *waits.PERSONAL, *discord.PERSONAL),
    *(*approvals.PERSONAL, *grants.PERSONAL, *chat.PERSONAL),
    *notices.PERSONAL,
    *(*schedules.PERSONAL, *runs.PERSONAL, *zones.PERSONAL),
    *sandbox.PERSONAL,
    *plugin_questions.PERSONAL,
    *(*logins.PERSONAL, *plugins.PERSONAL, *accounts.PERSONAL, *sign_ins.PERSONAL),
    *(*budgets.PERSONAL, *audit.PERSONAL),
    *(*conversations.PERSONAL, *turns.PERSONAL, *offers.PERSONAL, *payloads.PERSONAL),
)
"""In the order in which rows are deleted: what is found by way of others, such as the turns, goes before them."""

IMPERSONAL: dict[str, str] = {
    **discord.IMPERSONAL,
    **embeddings.IMPERSONAL,
    **objects.IMPERSONAL,
    **sandbox.IMPERSONAL,
    **plugins.IMPERSONAL,
    **operators.IMPERSONAL,
    "alembic_version": "which revision the schema is at",
}
"""By table: why nothing in it is anybody's."""

STATEMENT_TIMEOUT: LiteralString = "set local statement_timeout = '120s'"


async def wipe(connection: Connection, user_id: Owner, over: Sequence[str] = ()) -> dict[str, int]:
    """Delete every row of a person, in the caller's transaction; returns how many there were, by subject.

    Idempotent. UserError while a turn of theirs is at work or waits, which would write on; ``over`` are
    turns of which the caller knows that nothing goes on with them. What other people wrote in the same
    conversations, and the answers to it, stay.
    """
    await lock(connection, user_id)
    await connection.execute(STATEMENT_TIMEOUT)
    await connection.execute(audit.FORGETTING, (user_id,))
    await connection.execute(plugins.FORGETTING, (user_id,))
    if set(await running(connection, user_id)) - set(over):
        raise UserError("I am still answering a message of yours. Please stop it or wait, and try again.")
    person = {"person": user_id}
    found: dict[str, list[Any]] = {}
    # All are looked up before the first is deleted: deleting a conversation takes its turns with it.
    for each in PERSONAL:
        rows = await (
            await connection.execute(f"select {each.key or 'null'} as key from {each.table} t where {each.of}", person)
        ).fetchall()
        found[each.subject] = [row["key"] for row in rows]
    for each in PERSONAL:
        if each.key:
            keys = {"keys": found[each.subject]}
            await connection.execute(f"delete from {each.table} t where t.{each.key} = any(%(keys)s)", keys)
        else:
            await connection.execute(f"delete from {each.table} t where {each.of}", person)
    return {subject: len(keys) for subject, keys in found.items()}


async def running(connection: Connection, user_id: Owner) -> list[str]:
    """The ids of a person's turns that have not ended, as far as the store knows; oldest first."""
    rows = await (
        await connection.execute(
            "select id from turns where user_id = %s and status = 'running' order by started_at", (user_id,)
        )
    ).fetchall()
    return [row["id"] for row in rows]


async def export(pool: Pool, user_id: Owner) -> dict[str, Any]:
    """Every row of a person as plain values, by subject; files as base64."""
    found: dict[str, Any] = {"user": user_id}
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(STATEMENT_TIMEOUT)
        for each in PERSONAL:
            if each.export is not None:
                rows = await (
                    await connection.execute(
                        f"select {each.export} as row from {each.table} t where {each.of}", {"person": user_id}
                    )
                ).fetchall()
                found[each.subject] = [row["row"] for row in rows]
    return found


async def known(pool: Pool) -> list[str]:
    """Everybody who ever spoke or has memories, for the operator."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select user_id from turns union select user_id from memories order by user_id")
        ).fetchall()
    return [row["user_id"] for row in rows]
