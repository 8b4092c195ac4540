"""Turns: the model's answers, and how turns end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.budgets.waking import wake_all
from activities.turns.closing import TurnActivities
from activities.turns.step import StepActivities
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def turns(services: Services) -> AsyncIterator[Share]:
    steps = StepActivities(services.pool, services.settings, services.models, services.offers)
    closing = TurnActivities(services.pool, services.client)
    async with beside(waking_turns_that_wait_for_a_budget=wake_all(services.pool, services.client)):
        yield Share(activities=(steps.step, closing.close, closing.is_open, closing.settle))
