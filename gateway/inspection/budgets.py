"""Budgets for whoever runs Clara: how they stand, setting them, and having turns ask again that wait for one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from psycopg import AsyncConnection
from temporalio.service import RPCError

from activities.budgets.waking import wake
from clara.budgets import MEANING, OF_ONE_PERSON, Budget, BudgetName, Origin, amount, day_of
from clara.errors import UserError
from clara.invocation import call
from clara.settings import Settings
from gateway.errors import NotRunning
from gateway.servers import namespace
from store import budgets
from store.budgets import Limit, Terms
from store.database import CONNECT_TIMEOUT_S, Pool, open_pool

SET_BY: dict[Origin, str] = {
    "person": "set for this person",
    "everybody": "set for everybody",
    "setting": "by the settings",
}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Pool]:
    """The database alone; NotRunning where there is none yet."""
    url = settings.runtime.database_url
    if url is None:
        raise NotRunning(f"There is no database yet. Start Clara with: {call('start')}")
    # A pool would try for ten seconds; who types a command hears at once that nobody answers.
    await (await AsyncConnection.connect(url, connect_timeout=CONNECT_TIMEOUT_S)).close()
    pool = await open_pool(url, max_size=2)
    try:
        yield pool
    finally:
        await pool.close()


def parsed(name: BudgetName, text: str) -> Decimal | None:
    """What somebody typed for an amount: 2.50, $2.50, 100,000; None for "none". UserError if it is nothing of it."""
    if text.lower() == "none":
        return None
    try:
        value = Decimal(text.removeprefix("$").replace(",", ""))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0 or (name.endswith("-tokens") and value != value.to_integral_value()):
        kind = "US dollars, such as 2.50" if name.endswith("-usd") else "a whole number of tokens, such as 100000"
        raise UserError(f"{text!r} is no amount for {name}. Please give {kind}, none for no limit, or default.")
    return value


async def standing(settings: Settings, user_id: str | None) -> list[Budget]:
    """Today's, of a person or of everybody together."""
    day = day_of(datetime.now(UTC), settings.runtime.timezone)
    async with opened(settings) as pool:
        return await budgets.standing(pool, user_id, Terms.of(settings.budgets, day))


async def change(settings: Settings, user_id: str, name: BudgetName, text: str) -> str:
    """Set a limit as it was typed, or with "default" let go of it; says what holds now and who asks again."""
    if user_id and name not in OF_ONE_PERSON:
        raise UserError(f"{name} is what everybody may use together, so it cannot be set for one person.")
    whose = user_id or "everybody"
    async with opened(settings) as pool:
        if text.lower() == "default":
            done = await budgets.drop_limit(pool, user_id, name)
            words = f"{name} is no longer set for {whose}." if done else f"{name} was not set for {whose}."
        else:
            value = parsed(name, text)
            await budgets.set_limit(pool, user_id, name, value)
            words = (
                f"{name} for {whose}: {'no limit' if value is None else amount(name, value)}, from the next call on."
            )
        waiting = await budgets.waiting(pool, user_id or None)
    return f"{words}{await _woken(settings, waiting)}"


async def _woken(settings: Settings, waiting: Sequence[str]) -> str:
    if not waiting:
        return ""
    try:
        told = await wake(await namespace.connected(settings), waiting)
    except (RPCError, RuntimeError, TimeoutError):
        return (
            f"\nTemporal does not answer, so {_messages(len(waiting))} could not be told. They ask again when their"
            " budget renews, when a worker starts, or when this is repeated."
        )
    if not told:  # they have ended meanwhile
        return ""
    return f"\n{_messages(told)} that waited for a budget {'asks' if told == 1 else 'ask'} again."


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


async def limits(settings: Settings) -> list[Limit]:
    """What was set by command."""
    async with opened(settings) as pool:
        return await budgets.limits(pool)


def standing_as_json(found: Sequence[Budget]) -> list[dict[str, Any]]:
    return [
        {
            "budget": each.name,
            "allowed": float(each.allowed),
            "used": float(each.used),
            "reserved": float(each.reserved),
            "left": float(each.left),
            "set": each.origin,
        }
        for each in found
    ]


def standing_as_text(found: Sequence[Budget], user_id: str | None) -> str:
    if not found:
        return f"Nothing is limited. To change that: {call('budget set day-usd 5')}"
    lines = []
    for each in found:
        allowed = f"{each.name}: {amount(each.name, each.allowed)} for {MEANING[each.name]} ({SET_BY[each.origin]})"
        if each.renews and (user_id or each.name not in OF_ONE_PERSON):
            used = f"{amount(each.name, each.used)} used today"
            held = f", {amount(each.name, each.reserved)} reserved" if each.reserved else ""
            allowed += f"; {used}{held}, {amount(each.name, each.left)} left"
        lines.append(allowed)
    return "\n".join(lines)


def limits_as_json(found: Sequence[Limit]) -> list[dict[str, Any]]:
    return [
        {
            "user": each.user_id or None,
            "budget": each.name,
            "amount": None if each.amount is None else float(each.amount),
            "set_at": each.set_at.isoformat(),
        }
        for each in found
    ]


def limits_as_text(found: Sequence[Limit]) -> str:
    if not found:
        return f"No budget was set by command. What the settings say: {call('budget show')}"
    return "\n".join(
        f"{each.user_id or 'everybody'}: {each.name}"
        f" {'no limit' if each.amount is None else amount(each.name, each.amount)}"
        f", since {each.set_at.astimezone():%Y-%m-%d %H:%M}"
        for each in found
    )
