"""Looking back: turns by their words, in every conversation that somebody may read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from clara.messages import ConversationKey
from store.database import Pool
from store.turns import turns
from store.turns.turns import Turn

_SAID: LiteralString = "(t.message->>'text' || ' ' || coalesce(t.reply, '')) ilike all(%(patterns)s)"
_SHARED: LiteralString = "not coalesce((t.message->>'private')::bool, true)"


@dataclass(frozen=True)
class Reader:
    """Who looks, and how far they see."""

    user_id: str
    here: ConversationKey
    before: int
    """In the conversation that they are in: turns before this position."""
    sees_private: bool
    """Their own private conversations too."""


def _patterns(words: Sequence[str]) -> list[str]:
    return ["%" + re.sub(r"([\\%_])", r"\\\1", word) + "%" for word in words]


async def search(pool: Pool, reader: Reader, words: Sequence[str], channels: Sequence[str], limit: int) -> list[Turn]:
    """The newest turns that hold every word, in the message or the reply.

    They are of the conversation that the reader is in, of the ``channels`` (ids of conversations), and of the
    reader's own private ones.
    """
    parameters = {
        "patterns": _patterns(words),
        "here": reader.here.id,
        "before": reader.before,
        "channels": list(channels),
        "user": reader.user_id,
        "private": reader.sees_private,
        "limit": limit,
    }
    return await _read(
        pool,
        f"select {turns.COLUMNS} from turns t where (t.conversation_id = %(here)s and t.position < %(before)s"
        f" or t.conversation_id <> %(here)s and (t.conversation_id = any(%(channels)s) and {_SHARED}"
        f"  or %(private)s and t.user_id = %(user)s and not {_SHARED}))"
        f" and {_SAID} order by t.started_at desc limit %(limit)s",
        parameters,
    )


async def shared_with(
    pool: Pool, platform: str, words: Sequence[str], here: ConversationKey, limit: int
) -> list[ConversationKey]:
    """Conversations of a platform that several people read and that hold every word, newest first; not ``here``."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select t.conversation_id as id from turns t join conversations c on c.id = t.conversation_id"
                f" where c.platform = %(platform)s and c.id <> %(here)s and {_SHARED} and {_SAID}"
                " group by t.conversation_id order by max(t.started_at) desc limit %(limit)s",
                {"platform": platform, "here": here.id, "patterns": _patterns(words), "limit": limit},
            )
        ).fetchall()
    return [ConversationKey.parse(row["id"]) for row in rows]


async def private_of(pool: Pool, user_id: str, platform: str, name: str) -> ConversationKey | None:
    """The private conversation of a person that is called so: by its whole name, or the last part of it."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select distinct conversation_id as id from turns t join conversations c on c.id = t.conversation_id"
                f" where t.user_id = %s and c.platform = %s and not {_SHARED}",
                (user_id, platform),
            )
        ).fetchall()
    keys = [ConversationKey.parse(row["id"]) for row in rows]
    return next((key for key in keys if name in (key.channel, key.id, key.channel.rpartition("/")[2])), None)


async def position(pool: Pool, key: ConversationKey, message_id: str) -> int | None:
    """Where a message stands in its conversation."""
    turn = await turns.get(pool, f"turn/{key.id}/{message_id}")
    return turn.position if turn else None


async def _read(pool: Pool, statement: LiteralString, parameters: dict[str, Any]) -> list[Turn]:
    async with pool.connection() as connection:
        rows = await (await connection.execute(statement, parameters)).fetchall()
    return [turns.of_row(row) for row in rows]
