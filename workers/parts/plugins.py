"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.plugins.activities import PluginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.management import tools as management
from activities.plugins.offering.toolset import NAME, toolset
from activities.plugins.running import Servers
from activities.plugins.values import Values
from activities.tools.run import ToolActivities
from activities.tools.toolset import Toolset
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

log = logging.getLogger(__name__)

END_S = 5.0
"""A server is given 4 s to end; what runs in boxes ends with this process anyway."""


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers, and installs them."""
    settings = services.settings
    running = ToolActivities(services.pool, services.offers, services.gate, settings.runtime.timezone)
    servers = Servers(services.pool, settings, Values(services.pool, services.sealer))
    made = PluginActivities(services.pool, services.client, Installer(settings), servers)
    installing = (made.reserve, made.resolve, made.install, made.record, made.undo)
    try:
        async with beside(looking_after_servers=servers.run(), tidying_up_plugins=made.run()):
            yield Share(
                activities=(running.run, *installing, made.refresh, made.remove, made.search),
                toolsets=_toolsets(services, servers),
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
    yield Share() if is_served_here else Share(toolsets=_toolsets(services, None))


def _toolsets(services: Services, servers: Servers | None) -> tuple[Toolset, ...]:
    desk = management.Desk(services.pool, services.client, servers)
    return toolset(services.pool, servers), management.toolset(desk)
