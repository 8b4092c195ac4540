"""Turns as somebody looks at them from outside: found by a part of their id, listed, counted, timed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clara.errors import UserError
from clara.messages import TurnStatus
from store.database import Pool

SHORT = 8
"""Digits of a message's id by which people name a turn."""


@dataclass(frozen=True)
class Listed:
    """A turn as a line of a list."""

    id: str
    status: TurnStatus
    conversation: str
    user: str
    words: str
    """Of the message; the reply is not read for a list."""
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Times:
    """When the model's answers and the tools' results of one turn were there."""

    answers: dict[int, datetime]
    results: dict[tuple[int, str], datetime]

    def took(self, step: int, began: datetime) -> timedelta | None:
        """What the model took for a step: since the last result before it, or since the turn ``began``."""
        answered = self.answers.get(step)
        before = [at for (other, _), at in self.results.items() if other < step]
        return None if answered is None else answered - max([began, *before])

    def after(self, step: int, call_id: str) -> timedelta | None:
        """When a call's result was there, counted from the answer that asked for it."""
        answered, result = self.answers.get(step), self.results.get((step, call_id))
        return None if answered is None or result is None else result - answered


def short(turn_id: str) -> str:
    """As people name it: ``SHORT`` digits where the id is a random one, else the platform's own id."""
    message_id = turn_id.rpartition("/")[2]
    return message_id[:SHORT] if len(message_id) == 32 else message_id


async def find(pool: Pool, words: str, conversation: str | None = None) -> str | None:
    """The id of the turn that ``words`` name: ``last``, its id, or how its message's id begins.

    None if there is none; UserError if several begin like that.
    """
    words = words.strip(" `'\"")
    query, parameters = (
        ("true order by started_at desc limit 1", {})
        if words == "last"
        else (
            "(id = %(id)s or starts_with(regexp_replace(id, '^.*/', ''), %(words)s)) order by id = %(id)s desc limit 2",
            {"id": words if words.startswith("turn/") else f"turn/{words}", "words": words or "-"},
        )
    )
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id from turns where (%(conversation)s::text is null or conversation_id = %(conversation)s)"
                f" and {query}",
                {**parameters, "conversation": conversation},
            )
        ).fetchall()
    if len(rows) > 1 and rows[0]["id"] != parameters["id"]:
        raise UserError(f"Several turns begin with {words}. Please give more of the id.")
    return rows[0]["id"] if rows else None


async def newest(
    pool: Pool, limit: int, conversation: str | None = None, statuses: Sequence[TurnStatus] = ()
) -> list[Listed]:
    """The newest turns, newest first; of all conversations and in every status where none is named."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id, status, conversation_id as conversation, user_id as user, message->>'text' as words,"
                " started_at, ended_at from turns"
                " where (%(conversation)s::text is null or conversation_id = %(conversation)s)"
                " and (%(all)s or status = any(%(statuses)s)) order by started_at desc, position desc limit %(limit)s",
                {"conversation": conversation, "all": not statuses, "statuses": list(statuses), "limit": limit},
            )
        ).fetchall()
    return [Listed(**row) for row in rows]


async def ends(pool: Pool, user_id: str, since: datetime) -> dict[TurnStatus, int]:
    """How many of a person's turns, begun since a time, ended how or are running."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select status, count(*) as number from turns where user_id = %s and started_at >= %s group by status",
                (user_id, since),
            )
        ).fetchall()
    return {row["status"]: row["number"] for row in rows}


async def times(pool: Pool, turn_id: str) -> Times:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select step, null as call_id, created_at from steps where turn_id = %(id)s"
                " union all select step, call_id, created_at from tool_results where turn_id = %(id)s",
                {"id": turn_id},
            )
        ).fetchall()
    return Times(
        {row["step"]: row["created_at"] for row in rows if row["call_id"] is None},
        {(row["step"], row["call_id"]): row["created_at"] for row in rows if row["call_id"] is not None},
    )


async def corrections(pool: Pool, turn_ids: Sequence[str]) -> dict[str, str]:
    """What was added to the replies of these turns after they had ended."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id, correction from turns where id = any(%s) and correction is not null", (list(turn_ids),)
            )
        ).fetchall()
    return {row["id"]: row["correction"] for row in rows}
