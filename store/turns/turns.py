"""Turns: the message, how it ended, and the reply. The transcript of a conversation is its turns."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from clara.messages import ConversationKey, Incoming, Tier, TurnStatus
from store import audit, stream
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (Personal("turns", "turns", "t.user_id = %(person)s"),)


@dataclass(frozen=True)
class Turn:
    id: str
    position: int
    """1 for the first turn of the conversation."""
    message: Incoming
    status: TurnStatus
    tier: Tier | None
    reply: str | None
    started_at: datetime
    ended_at: datetime | None
    shown_at: datetime | None
    offer_id: str | None = None
    """What it may call; pinned at its first step."""
    mark: str | None = None
    """Stands around other people's words in it; None in a turn of before there were marks."""


@dataclass(frozen=True)
class Totals:
    """What a turn, or all of a person's turns, used. ``cost_usd`` is None where no price is known."""

    turns: int
    steps: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: Decimal | None
    model: str | None


# The message as text: pydantic reads JSON faster than what json has made of it, and a turn reads sixty.
COLUMNS: LiteralString = (
    "t.id, t.position, t.message::text, t.status, t.tier, t.reply, t.started_at, t.ended_at, t.shown_at, t.offer_id,"
    " t.mark"
)


def of_row(row: dict[str, Any]) -> Turn:
    """The turn in a row that has its columns, the message as text, and maybe others."""
    return Turn(
        id=row["id"],
        position=row["position"],
        message=Incoming.model_validate_json(row["message"]),
        status=row["status"],
        tier=row["tier"],
        reply=row["reply"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        shown_at=row["shown_at"],
        offer_id=row["offer_id"],
        mark=row["mark"],
    )


async def begin(pool: Pool, message: Incoming, default: Tier | None = None) -> Turn:
    """Record a message and that it is being answered; a repeat finds what the first attempt wrote.

    The tier is the message's, else the conversation's, else ``default``; the time zone that the person has set counts
    before what their platform tells.
    """
    async with pool.connection() as connection:
        row = await _insert(connection, message, default)
        if row is None:
            row = await (
                await connection.execute(f"select {COLUMNS} from turns t where id = %s", (message.turn_id,))
            ).fetchone()
    assert row is not None
    return of_row(row)


async def _insert(connection: Connection, message: Incoming, default: Tier | None) -> dict[str, Any] | None:
    """The new turn; None where it was there already."""
    # One statement, so that it is one trip and all or nothing.
    done = await connection.execute(
        "with new as ("
        "  insert into conversations (id, platform, channel) values (%(conversation)s, %(platform)s, %(channel)s)"
        "  on conflict (id) do nothing"
        ") insert into turns as t (id, conversation_id, position, user_id, message, tier)"
        " select %(id)s, %(conversation)s, coalesce(max(position), 0) + 1, %(user)s, %(message)s::jsonb || coalesce("
        "   (select jsonb_build_object('timezone', zone) from time_zones where user_id = %(user)s), '{}'), coalesce("
        "   %(tier)s, (select tier from conversations where id = %(conversation)s), %(default)s)"
        " from turns where conversation_id = %(conversation)s on conflict (id) do nothing"
        f" returning {COLUMNS}",
        {
            "id": message.turn_id,
            "conversation": message.conversation.id,
            "platform": message.conversation.platform,
            "channel": message.conversation.channel,
            "user": message.user.id,
            "message": Jsonb(message.model_dump(mode="json")),
            "tier": message.tier,
            "default": default,
        },
    )
    return await done.fetchone()


async def set_tier(pool: Pool, turn_id: str, tier: Tier) -> None:
    async with pool.connection() as connection:
        await connection.execute("update turns set tier = %s where id = %s", (tier, turn_id))


async def complete(connection: Connection, turn_id: str, conversation: str, reply: str) -> None:
    """Set the reply, in the caller's transaction, and tell the listeners with its commit."""
    frame = stream.end_frame(conversation, turn_id, "completed")
    await connection.execute(
        "with ended as ("
        "  update turns set status = 'completed', reply = %s, ended_at = now() where id = %s and status = 'running'"
        "  returning id"
        ") select pg_notify(%s, %s) from ended",
        (reply, turn_id, *stream.notification(frame)),
    )


async def close(connection: Connection, message: Incoming, status: TurnStatus, reply: str) -> TurnStatus:
    """End a turn as stopped or failed, in the caller's transaction; returns how it ended.

    A turn that has ended already stays as it is. Works for turns that never began, such as one
    stopped while it waited.
    """
    await _insert(connection, message, None)
    await connection.execute(
        "update turns set status = %s, reply = %s, ended_at = now() where id = %s and status = 'running'",
        (status, reply, message.turn_id),
    )
    row = await (await connection.execute("select status from turns where id = %s", (message.turn_id,))).fetchone()
    assert row is not None
    ended: TurnStatus = row["status"]
    await stream.notify(connection, stream.end_frame(message.conversation.id, message.turn_id, ended))
    return ended


async def correction(pool: Pool, turn_id: str) -> str:
    """What was added to a turn's reply after its end; empty if nothing was."""
    async with pool.connection() as connection:
        row = await (await connection.execute("select correction from turns where id = %s", (turn_id,))).fetchone()
    return (row["correction"] or "") if row else ""


async def amend(pool: Pool, turn_id: str, sentence: str) -> None:
    """Add ``sentence`` to the reply of an ended turn, once, and tell the listeners; it is to be shown again.

    The writes that it is about are recorded as they are known now.
    """
    async with pool.connection() as connection, connection.transaction():
        row = await (
            await connection.execute(
                "update turns set reply = coalesce(reply, '') || %(added)s, correction = %(sentence)s,"
                " shown_at = null where id = %(id)s and status <> 'running' and correction is null"
                " returning conversation_id",
                {"id": turn_id, "added": f"\n\n{sentence}", "sentence": sentence},
            )
        ).fetchone()
        if row is not None:
            await audit.cut_writes(connection, turn_id)
            await stream.notify(connection, stream.correction_frame(row["conversation_id"], turn_id, sentence))


async def get(pool: Pool, turn_id: str) -> Turn | None:
    async with pool.connection() as connection:
        row = await (await connection.execute(f"select {COLUMNS} from turns t where id = %s", (turn_id,))).fetchone()
    return of_row(row) if row else None


async def recent(pool: Pool, key: ConversationKey, limit: int, after: int = 0, before: int | None = None) -> list[Turn]:
    """The newest ``limit`` turns of a conversation with positions between the two, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {COLUMNS} from turns t where conversation_id = %s and position > %s"
                " and (%s::bigint is null or position < %s) order by position desc limit %s",
                (key.id, after, before, before, limit),
            )
        ).fetchall()
    return [of_row(row) for row in reversed(rows)]


async def unshown(pool: Pool, key: ConversationKey, limit: int = 20) -> list[Turn]:
    """Ended turns whose reply the person has not been shown yet, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {COLUMNS} from turns t where conversation_id = %s and shown_at is null"
                " and status <> 'running' order by position desc limit %s",
                (key.id, limit),
            )
        ).fetchall()
    return [of_row(row) for row in reversed(rows)]


async def mark_shown(pool: Pool, turn_id: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "update turns set shown_at = now() where id = %s and shown_at is null and status <> 'running'", (turn_id,)
        )


_USED: LiteralString = "turn_id, model, input_tokens, output_tokens, cached_tokens, cost_usd, created_at"
_TOTALS: LiteralString = (
    "select count(distinct turn_id) as turns, count(*) filter (where answer) as steps,"
    " coalesce(sum(input_tokens), 0) as input_tokens, coalesce(sum(output_tokens), 0) as output_tokens,"
    " coalesce(sum(cached_tokens), 0) as cached_tokens, sum(cost_usd) as cost_usd,"
    " (array_agg(model order by calls.created_at desc) filter (where answer))[1] as model"
    f" from (select true as answer, {_USED} from steps union all select false, {_USED} from side_calls) as calls"
)


async def totals(pool: Pool, turn_id: str) -> Totals:
    """What one turn used so far."""
    async with pool.connection() as connection:
        row = await (await connection.execute(f"{_TOTALS} where turn_id = %s", (turn_id,))).fetchone()
    assert row is not None
    return Totals(**row)


async def usage(pool: Pool, user_id: str, since: datetime) -> Totals:
    """What a person's turns used since a time."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"{_TOTALS} join turns t on t.id = turn_id where t.user_id = %s and calls.created_at >= %s",
                (user_id, since),
            )
        ).fetchone()
    assert row is not None
    return Totals(**row)
