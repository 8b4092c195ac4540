"""Tools that a person has allowed without being asked again, in one conversation or everywhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("grants", "grants", "t.user_id = %(person)s"),)

UNUSED = timedelta(days=90)
"""What was not used for so long is asked about again."""


@dataclass(frozen=True)
class Grant:
    id: int
    tool: str
    conversation_id: str
    """Empty for everywhere."""
    given_at: datetime
    used_at: datetime


_VALID: LiteralString = "used_at > now() - %(unused)s"


async def use(pool: Pool, user_id: str, tool: str, tool_hash: str, conversation: str) -> bool:
    """Whether the person has allowed this very tool here; if so, that is noted as its newest use."""
    async with pool.connection() as connection:
        done = await connection.execute(
            f"update grants set used_at = now() where user_id = %(user)s and tool = %(tool)s and tool_hash = %(hash)s"
            f" and conversation_id in ('', %(conversation)s) and {_VALID}",
            {"user": user_id, "tool": tool, "hash": tool_hash, "conversation": conversation, "unused": UNUSED},
        )
    return done.rowcount > 0


async def of_person(pool: Pool, user_id: str) -> list[Grant]:
    """Those that still hold, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id, tool, conversation_id, given_at, used_at from grants"
                f" where user_id = %(user)s and {_VALID} order by id",
                {"user": user_id, "unused": UNUSED},
            )
        ).fetchall()
    return [Grant(**row) for row in rows]


async def revoke(pool: Pool, user_id: str, id: int) -> bool:
    """Take one back; False if the person has none of this number."""
    async with pool.connection() as connection:
        done = await connection.execute("delete from grants where user_id = %s and id = %s", (user_id, id))
    return done.rowcount == 1
