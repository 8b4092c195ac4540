"""Schedules: their runs and tools. When the worker begins, Temporal's are made as the store and the file say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.schedules.activities import ScheduleActivities
from activities.schedules.planning import plan_all
from activities.schedules.tools import toolset
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def schedules(services: Services) -> AsyncIterator[Share]:
    runtime = services.settings.runtime
    serving = ScheduleActivities(services.pool, services.client, runtime.home, runtime.timezone)
    planning = plan_all(services.pool, services.client, runtime.home, runtime.timezone)
    async with beside(planning_schedules=planning):
        yield Share(
            activities=(serving.begin, serving.command, serving.end),
            toolsets=(toolset(services.pool, services.client),),
        )
