"""Approvals: a worker makes sure that turns hear of the answers to what they asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.answers import keep_told
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def approvals(services: Services) -> AsyncIterator[Share]:
    async with beside(telling_turns_of_answers=keep_told(services.pool, services.client)):
        yield Share()
