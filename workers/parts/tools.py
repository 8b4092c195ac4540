"""Running tools, and the tools that need nothing but the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.tools import builtin, catalogue
from activities.tools.run import ToolActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def tools(services: Services) -> AsyncIterator[Share]:
    runtime = services.settings.runtime
    running = ToolActivities(services.pool, services.offers, services.gate, runtime.timezone)
    yield Share(
        activities=(running.run, running.lapse, running.settle),
        toolsets=(builtin.toolset(services.pool, services.offers), catalogue.load(runtime.tool_modules)),
    )
