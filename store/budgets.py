"""Budgets: the limits that were set by command, what was used of them, and what calls under way may cost.

A call reserves before it is made what it may cost at worst, and the statement that stores its answer takes the
reservation back. What was used is counted with each answer and each side call, by triggers, in quarters of an hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from clara.budgets import Budget, BudgetName, Cost, Day
from clara.settings.budgets import BudgetSettings
from clara.stream import Frame
from store import stream
from store.database import Connection, Pool
from store.people.personal import OF_THEIR_TURNS, Personal

PERSONAL = (
    Personal("budget_limits", "budget_limits", "t.user_id = %(person)s"),
    Personal("budget_reservations", "budget_reservations", OF_THEIR_TURNS, export=None),
    Personal("calls_by_quarter", "calls_by_quarter", "t.user_id = %(person)s"),
)

EVERYBODY = ""
"""In place of a person's id: a limit for everybody."""

CALL = "budget"
"""In place of a tool call's id: a turn waits for a budget at that step."""

SETTLE: LiteralString = "delete from budget_reservations where turn_id = %(turn)s and slot = %(slot)s"
"""Part of the statement that stores a call's answer."""

ANY_LIMIT: LiteralString = "exists (select from budget_limits)"
"""Whether a limit was set by command: asked for within a statement that is made anyway."""


@dataclass(frozen=True)
class Terms:
    """By what is counted: limits of the settings, the beginning of the day, and prices of a million tokens."""

    limits: Mapping[BudgetName, Decimal]
    day_start: datetime
    input_price: Decimal
    """Of models whose price is not known."""
    output_price: Decimal

    @classmethod
    def of(cls, settings: BudgetSettings, day: Day) -> "Terms":
        return cls(settings.limits, day.start, *settings.price_of_unknown)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "day": self.day_start,
            "settings": Jsonb({name: str(amount) for name, amount in self.limits.items()}),
            "input": self.input_price,
            "output": self.output_price,
        }


@dataclass(frozen=True)
class Limit:
    """One that was set by command."""

    user_id: str
    name: BudgetName
    amount: Decimal | None
    """None: nothing is to be limited."""
    set_at: datetime


def of_step(step: int) -> str:
    """The slot of a turn's step."""
    return f"step/{step}"


async def reserve(
    pool: Pool, turn_id: str, slot: str, step: int | None, worst: Cost, lifetime: timedelta, terms: Terms
) -> list[Budget]:
    """Reserve a call's worst cost for as long as one attempt may take; what was reserved for its slot before is gone.

    Returns the budgets into which it does not fit: then nothing is reserved, and with a ``step`` the turn waits.
    """
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select * from reserve_budget(%(turn)s, %(slot)s, %(step)s, %(usd)s, %(tokens)s, %(lifetime)s, %(day)s,"
                " %(settings)s, %(input)s, %(output)s)",
                {
                    **terms.values,
                    "turn": turn_id,
                    "slot": slot,
                    "step": step,
                    "usd": worst.usd,
                    "tokens": worst.tokens,
                    "lifetime": lifetime,
                },
            )
        ).fetchall()
    return [Budget(**row) for row in rows]


async def release(connection: Connection, turn_id: str, slot: str | None = None) -> None:
    """Give back what a call reserved that brought no answer; without a ``slot``, of all calls of the turn."""
    await connection.execute(
        "delete from budget_reservations where turn_id = %s and slot = coalesce(%s, slot)", (turn_id, slot)
    )


async def say_wait(pool: Pool, conversation: str, turn_id: str, step: int, about: str) -> None:
    """Tell what a turn waits for, that was refused a budget."""
    frame = Frame(conversation=conversation, turn=turn_id, step=step, attempt=0, seq=0, kind="waiting", text=about)
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "update waits set about = %s where turn_id = %s and step = %s and call_id = %s",
            (about, turn_id, step, CALL),
        )
        await stream.notify(connection, frame)


async def standing(pool: Pool, user_id: str | None, terms: Terms) -> list[Budget]:
    """The budgets of a day as they are; without a person, those that hold for everybody together.

    With a person also the limits of one message, of which nothing is used.
    """
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select * from budgets_of(%(user)s, null, %(day)s, %(settings)s, %(input)s, %(output)s)",
                {**terms.values, "user": user_id},
            )
        ).fetchall()
    return [Budget(**row) for row in rows]


async def set_limit(pool: Pool, user_id: str, name: BudgetName, amount: Decimal | None) -> None:
    """Set a limit for a person or for EVERYBODY, from the next call on; None: there is to be none."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('clara budgets'))")
        await connection.execute(
            "insert into budget_limits (user_id, name, amount) values (%s, %s, %s)"
            " on conflict (user_id, name) do update set amount = excluded.amount, set_at = now()",
            (user_id, name, amount),
        )


async def drop_limit(pool: Pool, user_id: str, name: BudgetName) -> bool:
    """Let the setting count again, or what is set for everybody; False if nothing was set."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('clara budgets'))")
        done = await connection.execute("delete from budget_limits where user_id = %s and name = %s", (user_id, name))
    return done.rowcount == 1


async def limits(pool: Pool) -> list[Limit]:
    """All that were set by command: everybody's, then those of persons."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select user_id, name, amount, set_at from budget_limits order by user_id, name")
        ).fetchall()
    return [Limit(**row) for row in rows]


async def waiting(pool: Pool, user_id: str | None = None) -> list[str]:
    """The ids of the turns that wait for a budget, the oldest first; of one person or of everybody."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select w.turn_id from waits w join turns t on t.id = w.turn_id where t.status = 'running'"
                " and w.ended_at is null and w.call_id = %s and (%s::text is null or t.user_id = %s)"
                " order by w.begun_at",
                (CALL, user_id, user_id),
            )
        ).fetchall()
    return [row["turn_id"] for row in rows]
