"""Tool calls whose result comes from outside: what is waited for, since when, and the end of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from clara.messages import ConversationKey
from clara.stream import Frame
from store import stream
from store.database import Pool
from store.people.personal import OF_THEIR_TURNS, Personal
from store.turns import steps
from store.turns.steps import ToolResult

PERSONAL = (Personal("waits", "waits", OF_THEIR_TURNS),)


@dataclass(frozen=True)
class Wait:
    turn_id: str
    step: int
    call_id: str
    tool: str
    about: str
    begun_at: datetime
    until: datetime
    ended_at: datetime | None


_COLUMNS: LiteralString = "w.turn_id, w.step, w.call_id, w.tool, w.about, w.begun_at, w.until, w.ended_at"
_RUNNING: LiteralString = f"select {_COLUMNS} from waits w join turns t on t.id = w.turn_id where t.status = 'running'"


async def begin(
    pool: Pool, conversation: str, turn_id: str, step: int, call_id: str, tool: str, about: str, limit: timedelta
) -> None:
    """Record a wait and tell the listeners of the conversation; a repeat changes nothing.

    A call that waits for something else after the end of its first wait waits again.
    """
    frame = Frame(conversation=conversation, turn=turn_id, step=step, attempt=1_000, seq=0, kind="waiting", text=about)
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "insert into waits (turn_id, step, call_id, tool, about, until) values (%s, %s, %s, %s, %s, now() + %s)"
            " on conflict (turn_id, step, call_id) do update set about = excluded.about, until = excluded.until,"
            " begun_at = now(), ended_at = null where waits.ended_at is not null and waits.about <> excluded.about",
            (turn_id, step, call_id, tool, about, limit),
        )
        await stream.notify(connection, frame)


async def end(pool: Pool, turn_id: str, step: int, call_id: str, text: str, is_error: bool = False) -> bool:
    """Keep the result that came from outside; False if nobody waits for it (any more)."""
    async with pool.connection() as connection, connection.transaction():
        row = await (
            await connection.execute(
                "update waits w set ended_at = now() from turns t where t.id = w.turn_id and t.status = 'running'"
                " and w.turn_id = %s and w.step = %s and w.call_id = %s and w.ended_at is null returning w.tool",
                (turn_id, step, call_id),
            )
        ).fetchone()
        if row is None:
            return False
        result = ToolResult(turn_id, step, call_id, row["tool"], text, is_error, False, len(text), None)
        await steps.save_result(connection, result)
    return True


async def of_conversation(pool: Pool, key: ConversationKey) -> list[Wait]:
    """What the turns of a conversation wait for, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"{_RUNNING} and w.ended_at is null and t.conversation_id = %s order by w.begun_at", (key.id,)
            )
        ).fetchall()
    return [Wait(**row) for row in rows]


async def of_turns(pool: Pool, turn_ids: Sequence[str]) -> dict[str, list[Wait]]:
    """What each of several turns at work waits for, or has waited for."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(f"{_RUNNING} and t.id = any(%s) order by w.begun_at", (list(turn_ids),))
        ).fetchall()
    found: dict[str, list[Wait]] = {}
    for row in rows:
        wait = Wait(**row)
        found.setdefault(wait.turn_id, []).append(wait)
    return found
