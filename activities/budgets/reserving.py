"""Reserving, before each call of a model, what it may cost at worst."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from clara.budgets import Budget, Cost, Day, blocking, day_of, frees_soon, helps, wanted
from clara.llm import history, prices
from clara.llm.models import Prompt, Route
from clara.settings.budgets import BudgetSettings
from clara.tools.offer import schema_tokens
from clara.turn import BudgetWait
from store import budgets
from store.budgets import Terms
from store.database import Pool
from temporal import policies

log = logging.getLogger(__name__)

MARGIN = timedelta(seconds=1)
"""After midnight: nobody's clock is exact."""

LONGEST_PAUSE = timedelta(seconds=10)

MILLION = Decimal(1_000_000)


@dataclass
class BudgetReached(Exception):
    """A call that fits into no more than some of the budgets; it was not made."""

    budget: Budget
    cost: Cost
    day: Day

    @property
    def passes(self) -> bool:
        """Whether there is room as soon as other calls have ended, which takes no longer than one attempt."""
        return frees_soon(self.budget, self.cost)

    @property
    def about(self) -> str:
        """What a turn waits for then, for people."""
        return wanted(self.budget, self.cost, self.day.zone)

    def wait(self, now: datetime) -> BudgetWait:
        renews_in = self.day.end - now + MARGIN if helps(self.budget, self.cost) else None
        return BudgetWait(about=self.about, renews_in=renews_in)


class Budgets:
    """The budgets of this installation, whose days begin at midnight in ``timezone``."""

    def __init__(self, pool: Pool, settings: BudgetSettings, timezone: str) -> None:
        self._pool = pool
        self._settings = settings
        self._timezone = timezone

    @property
    def are_set(self) -> bool:
        """Whether the settings have any. Others may have been set by command, which the store knows."""
        return bool(self._settings.limits)

    async def reserve(
        self, turn_id: str, slot: str, route: Route, prompt: Prompt, messages: int, step: int | None = None
    ) -> None:
        """Reserve for a call of ``messages`` tokens; BudgetReached where it does not fit.

        With a ``step`` the turn is then one that waits. One statement, whatever the budgets are.
        """
        now = datetime.now(UTC)
        day = day_of(now, self._timezone)
        worst = self._at_worst(route, prompt, messages)
        terms = Terms.of(self._settings, day)
        refused = await budgets.reserve(self._pool, turn_id, slot, step, worst, policies.MODEL.attempt, terms)
        if refused:
            reached = BudgetReached(blocking(refused, worst), worst, day)
            log.info("turn %s: %s does not fit into %s", turn_id, slot, reached.budget.name)
            raise reached

    async def release(self, turn_id: str, slot: str) -> None:
        """Give back what was reserved for a call that brought no answer."""
        async with self._pool.connection() as connection:
            await budgets.release(connection, turn_id, slot)

    async def say_wait(self, conversation: str, turn_id: str, step: int, about: str) -> None:
        await budgets.say_wait(self._pool, conversation, turn_id, step, about)

    def _at_worst(self, route: Route, prompt: Prompt, messages: int) -> Cost:
        read = messages + history.tokens_of(prompt.system) + sum(map(schema_tokens, prompt.tools))
        written = prompt.max_tokens
        if route.provider == "scripted":
            return Cost(Decimal(0), read + written)
        known = prices.at_worst(route.model, read, written)
        if known is not None:
            return Cost(Decimal(str(known)), read + written)
        input_price, output_price = self._settings.price_of_unknown
        return Cost((read * input_price + written * output_price) / MILLION, read + written)


def budget_pause(attempt: int) -> timedelta:
    """Until a call is tried again for which others that are under way leave no room."""
    return min(policies.back_off(attempt), LONGEST_PAUSE)
