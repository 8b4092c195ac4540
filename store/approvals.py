"""Tool calls that a person is asked about, and the answers. The first answer counts, and nothing takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString

from store import audit
from store.database import Connection, Pool
from store.people.personal import OF_THEIR_TURNS, Personal

PERSONAL = (Personal("approvals", "approvals", OF_THEIR_TURNS),)

State = Literal["open", "allowed", "denied", "lapsed"]
Scope = Literal["once", "conversation", "always"]
"""For how long a yes holds: for this call, for this tool in this conversation, or for this tool everywhere."""


@dataclass(frozen=True)
class Approval:
    id: str
    turn_id: str
    step: int
    call_id: str
    card: str
    """What is asked together has the same."""
    user_id: str
    tool: str
    tool_hash: str
    binding: str
    view: str
    why: str
    lasting: bool
    until: datetime
    state: State = "open"
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    conversation_id: str = ""


_COLUMNS: LiteralString = (
    "a.id, a.turn_id, a.step, a.call_id, a.card, a.user_id, a.tool, a.tool_hash, a.binding, a.view, a.why, a.lasting,"
    " a.until, a.state, a.asked_at, a.answered_at, a.answered_by, t.conversation_id"
)
_SELECT: LiteralString = f"select {_COLUMNS} from approvals a join turns t on t.id = a.turn_id"
_OPEN: LiteralString = "a.state = 'open' and a.until > now() and t.status = 'running'"


async def ask(pool: Pool, questions: Sequence[Approval]) -> None:
    """Keep questions that are about to be asked; one that was kept before stays as it is."""
    async with pool.connection() as connection, connection.transaction():
        for each in questions:
            await connection.execute(
                "insert into approvals"
                " (id, turn_id, step, call_id, card, user_id, tool, tool_hash, binding, view, why, lasting, until)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (turn_id, step, call_id) do nothing",
                (
                    each.id,
                    each.turn_id,
                    each.step,
                    each.call_id,
                    each.card,
                    each.user_id,
                    each.tool,
                    each.tool_hash,
                    each.binding,
                    each.view,
                    each.why,
                    each.lasting,
                    each.until,
                ),
            )


async def get(pool: Pool, id: str) -> Approval | None:
    return next(iter(await _find(pool, f"{_SELECT} where a.id = %s", (id,))), None)


async def of_step(pool: Pool, turn_id: str, step: int) -> dict[str, Approval]:
    """By call, as they were asked: what was asked about one answer of the model."""
    found = await _find(pool, f"{_SELECT} where a.turn_id = %s and a.step = %s order by a.place", (turn_id, step))
    return {each.call_id: each for each in found}


async def of_card(pool: Pool, card: str) -> list[Approval]:
    """What was asked together, whatever became of it."""
    return await _find(pool, f"{_SELECT} where a.card = %s order by a.place", (card,))


async def of_person(pool: Pool, user_id: str, conversation: str | None = None) -> list[Approval]:
    """What a person is asked and has not answered yet, oldest first; of one conversation, or of all."""
    return await _find(
        pool,
        f"{_SELECT} where a.user_id = %s and {_OPEN} and (%s::text is null or t.conversation_id = %s)"
        " order by a.asked_at, a.place",
        (user_id, conversation, conversation),
    )


async def unanswered(pool: Pool) -> list[Approval]:
    """Everybody's, oldest first: for the operator."""
    return await _find(pool, f"{_SELECT} where {_OPEN} order by a.asked_at, a.place", ())


async def answer(pool: Pool, ids: Sequence[str], allowed: bool, scope: Scope, by: str) -> list[Approval]:
    """Answer open questions; those that were open until now, as they are after it. The rest stays as it was.

    Whoever calls it has made sure that ``by`` may answer. What lasts is kept with it, or not at all.
    """
    async with pool.connection() as connection, connection.transaction():
        rows = await (
            await connection.execute(
                "update approvals a set state = %s, answered_at = now(), answered_by = %s from turns t"
                f" where t.id = a.turn_id and a.id = any(%s) and {_OPEN} returning {_COLUMNS}",
                ("allowed" if allowed else "denied", by, list(ids)),
            )
        ).fetchall()
        answered = [Approval(**row) for row in rows]
        for each in answered:
            await connection.execute(
                "update waits set ended_at = now() where turn_id = %s and step = %s and call_id = %s",
                (each.turn_id, each.step, each.call_id),
            )
            if allowed and scope != "once" and each.lasting:
                await _grant(connection, each, "" if scope == "always" else each.conversation_id)
    return answered


async def _grant(connection: Connection, approval: Approval, conversation: str) -> None:
    await connection.execute(
        "insert into grants (user_id, tool, tool_hash, conversation_id) values (%s, %s, %s, %s)"
        " on conflict (user_id, tool, tool_hash, conversation_id) do update set given_at = now(), used_at = now()",
        (approval.user_id, approval.tool, approval.tool_hash, conversation),
    )


async def note_foreign(pool: Pool, approval: Approval, by: str) -> None:
    """Record in the audit that somebody tried to answer a question that was not theirs."""
    async with pool.connection() as connection:
        await audit.write(connection, "foreign_answer", by, "refused", turn_id=approval.turn_id, tool=approval.tool)


async def lapse(pool: Pool, turn_id: str, step: int, call_id: str) -> None:
    """Nobody has answered in time."""
    async with pool.connection() as connection:
        await connection.execute(
            "update approvals set state = 'lapsed', answered_at = now()"
            " where turn_id = %s and step = %s and call_id = %s and state = 'open'",
            (turn_id, step, call_id),
        )


async def untold(pool: Pool, limit: int = 100) -> list[Approval]:
    """Answers of which nobody has told the turn yet, oldest first."""
    return await _find(
        pool,
        f"{_SELECT} where a.state in ('allowed', 'denied') and not a.told and t.status = 'running'"
        " order by a.answered_at limit %s",
        (limit,),
    )


async def mark_told(pool: Pool, ids: Sequence[str]) -> None:
    async with pool.connection() as connection:
        await connection.execute("update approvals set told = true where id = any(%s)", (list(ids),))


async def _find(pool: Pool, statement: LiteralString, values: Sequence[Any]) -> list[Approval]:
    async with pool.connection() as connection:
        rows = await (await connection.execute(statement, tuple(values))).fetchall()
    return [Approval(**row) for row in rows]
