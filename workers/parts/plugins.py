"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.tools.run import ToolActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers."""
    running = ToolActivities(services.pool, services.offers, services.gate, services.settings.runtime.timezone)
    yield Share(activities=(running.run,))


@asynccontextmanager
async def plugin_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the queue of plugins."""
    yield Share()
