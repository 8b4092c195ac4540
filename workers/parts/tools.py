"""Running tools, and the tools that need nothing but the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.tools import registry
from activities.tools.activities import ToolActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def tools(services: Services) -> AsyncIterator[Share]:
    runtime = services.settings.runtime
    running = ToolActivities(services.pool, services.toolbox, runtime.timezone)
    yield Share(
        activities=(running.run, running.lapse, running.settle),
        tools=(*registry.BUILT_IN, *registry.load(runtime.tool_modules)),
    )
