"""Turns: the model's answers, and how turns end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.budgets.waking import wake_all
from activities.turns.closing import TurnActivities
from activities.turns.step import StepActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def turns(services: Services) -> AsyncIterator[Share]:
    steps = StepActivities(services.pool, services.settings, services.models, services.offers)
    closing = TurnActivities(services.pool, services.client)
    waking = asyncio.create_task(wake_all(services.pool, services.client), name="turns that wait for a budget")
    try:
        yield Share(activities=(steps.step, closing.close, closing.is_open, closing.settle))
    finally:
        waking.cancel()
