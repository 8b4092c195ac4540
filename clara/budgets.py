"""Budgets: what model calls may cost, in money and in tokens, for one turn, for a person's day, for everybody's day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Literal, get_args
from zoneinfo import ZoneInfo

BudgetName = Literal["turn-usd", "turn-tokens", "person-day-usd", "person-day-tokens", "day-usd", "day-tokens"]
NAMES: tuple[BudgetName, ...] = get_args(BudgetName)

OF_ONE_PERSON: tuple[BudgetName, ...] = NAMES[:4]
"""Those that one person may have another limit of than others."""

WAIT_LIMIT = timedelta(days=3)
"""A turn that has no budget waits for so long to have one."""

RAISING = "Whoever runs me can raise it"

Origin = Literal["person", "everybody", "setting"]
"""Who set a limit: the operator for a person, or for everybody, by command; or the settings."""

MEANING: dict[BudgetName, str] = {
    "turn-usd": "the answer to one message",
    "turn-tokens": "the answer to one message",
    "person-day-usd": "one person in a day",
    "person-day-tokens": "one person in a day",
    "day-usd": "everybody together in a day",
    "day-tokens": "everybody together in a day",
}


@dataclass(frozen=True)
class Cost:
    """Of a model call, at worst."""

    usd: Decimal
    tokens: int

    def of(self, name: BudgetName) -> Decimal:
        return self.usd if name.endswith("-usd") else Decimal(self.tokens)


@dataclass(frozen=True)
class Budget:
    """A limit, and what is used of it."""

    name: BudgetName
    allowed: Decimal
    used: Decimal
    reserved: Decimal
    """What calls that are under way may use at worst."""
    origin: Origin

    @property
    def left(self) -> Decimal:
        return max(self.allowed - self.used - self.reserved, Decimal(0))

    @property
    def renews(self) -> bool:
        """At midnight; a turn's does not."""
        return not self.name.startswith("turn-")


@dataclass(frozen=True)
class Day:
    """From midnight to midnight, where Clara is at home."""

    start: datetime
    end: datetime
    zone: str


def day_of(now: datetime, zone: str) -> Day:
    """The day in which ``now`` is, in an IANA ``zone``; one of daylight saving has 23 or 25 hours."""
    there = ZoneInfo(zone)
    date = now.astimezone(there).date()
    start, end = (datetime.combine(date + timedelta(days=days), time.min, tzinfo=there) for days in (0, 1))
    return Day(start, end, zone)


def amount(name: BudgetName, value: Decimal) -> str:
    """For people: $0.0031, $1.50, 20,000 tokens."""
    if not name.endswith("-usd"):
        return f"{value:,.0f} tokens"
    return f"${value:,.4f}" if value < 1 and value != round(value, 2) else f"${value:,.2f}"


def blocking(refused: Sequence[Budget], cost: Cost) -> Budget:
    """Of the budgets into which a call does not fit, the one to be told of: that for which waiting helps least."""
    return min(refused, key=lambda each: (frees_soon(each, cost), helps(each, cost), NAMES.index(each.name)))


def frees_soon(budget: Budget, cost: Cost) -> bool:
    """Whether only calls under way leave no room: most of them cost far less than they may at worst."""
    return budget.used + cost.of(budget.name) <= budget.allowed


def helps(budget: Budget, cost: Cost) -> bool:
    """Whether the call will fit when the budget renews by itself."""
    return budget.renews and cost.of(budget.name) <= budget.allowed


def wanted(budget: Budget, cost: Cost, zone: str) -> str:
    """What a turn waits for that does not fit: how much is used, when that changes, and who can change it."""
    name = budget.name
    allowed = amount(name, budget.allowed)
    used, next_ = (amount(name, value).removesuffix(" tokens") for value in (budget.used, cost.of(name)))
    whose = {
        "turn": "a higher budget for this message",
        "person": "your budget of the day",
        "day": "the budget that all share for the day",
    }[name.partition("-")[0]]
    if cost.of(name) > budget.allowed:
        return f"{whose}: the next step may take {next_}, and {allowed} are all there is. {RAISING}"
    renewal = f" It renews at 00:00 ({zone})." if budget.renews else ""
    return f"{whose}: {used} of {allowed} are used, and the next step may take {next_}.{renewal} {RAISING}"
