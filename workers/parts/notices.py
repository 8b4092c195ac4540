"""Notices: messages without a turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.notices import NoticeActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def notices(services: Services) -> AsyncIterator[Share]:
    serving = NoticeActivities(services.pool)
    yield Share(activities=(serving.keep,))
