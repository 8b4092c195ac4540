"""Approvals: a worker makes sure that turns hear of the answers to what they asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.answers import keep_told
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def approvals(services: Services) -> AsyncIterator[Share]:
    telling = asyncio.create_task(keep_told(services.pool, services.client), name="answers for turns")
    try:
        yield Share()
    finally:
        telling.cancel()
        await asyncio.wait([telling])
