"""What a person asks of their own memory, and the answer: kept here while it is carried out.

Temporal's history of the command carries the id of the row and no words.
"""

from dataclasses import dataclass
from typing import LiteralString

from psycopg.types.json import Jsonb

from clara.memory.kinds import Owner
from clara.memory.requests import MemoryReply
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (Personal("memory_requests", "memory_requests", "t.user_id = %(person)s", export=None),)

KEPT: LiteralString = "1 hour"
"""For a command whose adapter ended before it read the answer. A command itself takes half a minute at most."""


@dataclass(frozen=True)
class KeptRequest:
    argument: str
    reply: MemoryReply | None


async def keep(pool: Pool, request_id: str, owner: Owner, argument: str) -> None:
    """Keep the words of a command until ``take``; those that nobody took are deleted after ``KEPT``."""
    async with pool.connection() as connection:
        await connection.execute(f"delete from memory_requests where created_at < now() - interval '{KEPT}'")
        await connection.execute(
            "insert into memory_requests (id, user_id, argument) values (%s, %s, %s)", (request_id, owner, argument)
        )


async def find(connection: Connection, request_id: str, owner: Owner) -> KeptRequest | None:
    """None where the person was forgotten since, or nobody waits for the answer any more."""
    row = await (
        await connection.execute(
            "select argument, reply from memory_requests where id = %s and user_id = %s", (request_id, owner)
        )
    ).fetchone()
    if row is None:
        return None
    return KeptRequest(row["argument"], None if row["reply"] is None else MemoryReply.model_validate(row["reply"]))


async def get(pool: Pool, request_id: str, owner: Owner) -> KeptRequest | None:
    async with pool.connection() as connection:
        return await find(connection, request_id, owner)


async def answer(connection: Connection, request_id: str, owner: Owner, reply: MemoryReply) -> None:
    """Keep the answer for whoever asked; the first one stays."""
    await connection.execute(
        "update memory_requests set reply = %s where id = %s and user_id = %s and reply is null",
        (Jsonb(reply.model_dump(mode="json")), request_id, owner),
    )


async def take(pool: Pool, request_id: str, owner: Owner) -> MemoryReply | None:
    """The answer, which with that is gone from the store, as are the words of the command."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "delete from memory_requests where id = %s and user_id = %s returning reply", (request_id, owner)
            )
        ).fetchone()
    return None if row is None or row["reply"] is None else MemoryReply.model_validate(row["reply"])
