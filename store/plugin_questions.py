"""What plugins ask their person while a call waits, and the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from clara.plugins.elicitation import Question, State
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("plugin_questions", "plugin_questions", "t.user_id = %(person)s"),)


@dataclass(frozen=True)
class Asked:
    id: str
    turn_id: str
    step: int
    call_id: str
    user_id: str
    plugin: str
    question: Question
    state: State
    content: Mapping[str, Any] | None
    until: datetime


_COLUMNS: LiteralString = (
    "q.id, q.turn_id, q.step, q.call_id, q.user_id, q.plugin, q.question, q.state, q.content, q.until"
)
_OPEN: LiteralString = "q.state = 'open' and q.until > now() and t.status = 'running'"
_SELECT: LiteralString = f"select {_COLUMNS} from plugin_questions q join turns t on t.id = q.turn_id"


async def ask(
    pool: Pool, id: str, place: tuple[str, int, str], user_id: str, plugin: str, asked: Question, limit: timedelta
) -> Asked:
    """Keep a question about a call, once; it as it is now, maybe answered. ``place``: the turn, the step, the call."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into plugin_questions (id, turn_id, step, call_id, user_id, plugin, question, until)"
            " values (%s, %s, %s, %s, %s, %s, %s, now() + %s) on conflict (id) do nothing",
            (id, *place, user_id, plugin, Jsonb(asked.model_dump(mode="json")), limit),
        )
    found = await _find(pool, f"{_SELECT} where q.id = %s", (id,))
    return found[0]


async def of_person(pool: Pool, user_id: str) -> list[Asked]:
    """What a person has not answered yet, oldest first."""
    return await _find(pool, f"{_SELECT} where q.user_id = %s and {_OPEN} order by q.asked_at", (user_id,))


async def answer(pool: Pool, id: str, user_id: str, content: Mapping[str, Any] | None) -> Asked | None:
    """Answer an open question of a person's, or decline with None; None where there is none, or no longer."""
    state, kept = ("declined", None) if content is None else ("accepted", Jsonb(content))
    async with pool.connection() as connection, connection.transaction():
        rows = await (
            await connection.execute(
                "update plugin_questions q set state = %s, content = %s, answered_at = now() from turns t"
                f" where t.id = q.turn_id and q.id = %s and q.user_id = %s and {_OPEN} returning {_COLUMNS}",
                (state, kept, id, user_id),
            )
        ).fetchall()
        for row in rows:
            await connection.execute(
                "update waits set ended_at = now() where turn_id = %s and step = %s and call_id = %s",
                (row["turn_id"], row["step"], row["call_id"]),
            )
    return _read(rows[0]) if rows else None


async def untold(pool: Pool, limit: int = 100) -> list[Asked]:
    """Answers of which nobody has told the turn yet, oldest first."""
    return await _find(
        pool,
        f"{_SELECT} where q.state <> 'open' and not q.told and t.status = 'running' order by q.answered_at limit %s",
        (limit,),
    )


async def mark_told(pool: Pool, ids: Sequence[str]) -> None:
    async with pool.connection() as connection:
        await connection.execute("update plugin_questions set told = true where id = any(%s)", (list(ids),))


async def _find(pool: Pool, statement: LiteralString, values: Sequence[Any]) -> list[Asked]:
    async with pool.connection() as connection:
        rows = await (await connection.execute(statement, tuple(values))).fetchall()
    return [_read(row) for row in rows]


def _read(row: Mapping[str, Any]) -> Asked:
    return Asked(**{**row, "question": Question.model_validate(row["question"])})
