"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from activities.plugins.offering.toolset import NAME, toolset
from activities.plugins.running import Servers
from activities.tools.run import ToolActivities
from clara.plugins.plugin import Plugin
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

log = logging.getLogger(__name__)

END_S = 5.0
"""A server is given 4 s to end; what runs in boxes ends with this process anyway."""


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers."""
    settings = services.settings
    running = ToolActivities(services.pool, services.offers, services.gate, settings.runtime.timezone)
    servers = Servers(services.pool, settings, _nothing)
    try:
        async with beside(looking_after_plugins=servers.run()):
            yield Share(
                activities=(running.run,),
                toolsets=(toolset(services.pool, servers),),
            )
    finally:
        try:
            async with asyncio.timeout(END_S):
                await servers.close()
        except TimeoutError:
            log.warning("the servers of plugins did not end within %g s", END_S)


@asynccontextmanager
async def plugin_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the queue of plugins."""
    is_served_here = NAME in services.catalogue
    own = toolset(services.pool, None)
    yield Share() if is_served_here else Share(toolsets=(own,))


async def _nothing(plugin: Plugin, user_id: str) -> Mapping[str, str]:
    return {}
