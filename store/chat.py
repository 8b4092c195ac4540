"""Actions in chats: asked for by tools, carried out by adapters, each once by its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from psycopg.types.json import Jsonb

from clara.text import storable
from store.database import Pool
from store.people.personal import OF_THEIR_TURNS, Personal
from store.turns import turns
from store.turns.turns import Turn

# What was found is in the result of the tool call too, which is exported.
PERSONAL = (Personal("chat_actions", "chat_actions", OF_THEIR_TURNS, export=None),)

KEPT = "15 days"
"""A little longer than it is known which messages were sent for it (``store.discord``)."""

OUTCOME_KEPT = "1 day"
"""Longer than a tool call is tried."""


@dataclass(frozen=True)
class KeptAction:
    key: str
    turn: Turn
    """Whose call it is, and where."""
    kind: str
    arguments: dict[str, Any]
    begun: bool
    remaining: timedelta
    """Until it may no longer be worked at; negative after that."""
    state: Literal["done", "refused"] | None
    outcome: str


@dataclass(frozen=True)
class Written:
    """A message of Clara's: for whom, and whether it is an answer that is still being made."""

    user_id: str
    is_growing: bool


async def keep(pool: Pool, key: str, turn_id: str, kind: str, arguments: Mapping[str, Any], lasts: timedelta) -> None:
    """Keep an action that is to be carried out within ``lasts`` from now; a repeat changes nothing."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into chat_actions (key, turn_id, kind, arguments, until)"
            " values (%s, %s, %s, %s, clock_timestamp() + %s) on conflict (key) do nothing",
            (key, turn_id, kind, Jsonb(dict(arguments)), lasts),
        )


async def get(pool: Pool, key: str) -> KeptAction | None:
    """None where nobody has asked for it, or its person was forgotten."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select {turns.COLUMNS}, a.key, a.kind, a.arguments, a.begun_at is not null as begun,"
                " a.until - clock_timestamp() as remaining, a.state, a.outcome"
                " from chat_actions a join turns t on t.id = a.turn_id where a.key = %s",
                (key,),
            )
        ).fetchone()
    if row is None:
        return None
    named = {name: row[name] for name in ("key", "kind", "arguments", "begun", "remaining", "state")}
    return KeptAction(turn=turns.of_row(row), outcome=row["outcome"] or "", **named)


async def begin(pool: Pool, key: str) -> bool:
    """Say that the world is about to be changed; False where it is too late for that."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update chat_actions set begun_at = coalesce(begun_at, clock_timestamp())"
            " where key = %s and until > clock_timestamp()",
            (key,),
        )
    return done.rowcount == 1


async def settle(pool: Pool, key: str, state: Literal["done", "refused"], outcome: str) -> None:
    """Keep what came of an action; what was done was done, whatever is kept already."""
    async with pool.connection() as connection:
        await connection.execute(
            "update chat_actions set state = %s, outcome = %s where key = %s and state is distinct from 'done'",
            (state, storable(outcome), key),
        )


async def written(pool: Pool, message_id: int) -> Written | None:
    """For whom Clara wrote a message on Discord; None where that is not known any more."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select t.user_id, t.status = 'running' and s.turn_id = t.id as is_growing"
                " from discord_sent s left join chat_actions a on s.turn_id = 'chat/' || a.key"
                " join turns t on t.id = coalesce(a.turn_id, s.turn_id) where s.message_id = %s",
                (message_id,),
            )
        ).fetchone()
    return Written(**row) if row else None


async def prune(pool: Pool) -> None:
    """Forget what was found for tool calls that have ended, and in the end the actions."""
    async with pool.connection() as connection:
        await connection.execute(f"delete from chat_actions where created_at < now() - interval '{KEPT}'")
        await connection.execute(
            "update chat_actions set outcome = null where outcome is not null"
            f" and created_at < now() - interval '{OUTCOME_KEPT}'"
        )
