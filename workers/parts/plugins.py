"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from activities.plugins.activities import PluginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.running import Servers
from activities.tools.run import ToolActivities
from clara.plugins.plugin import Plugin
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

log = logging.getLogger(__name__)

END_S = 5.0
"""What servers run ends with this process anyway, so its end need not wait for them."""


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers, and installs them."""
    running = ToolActivities(services.pool, services.offers, services.gate, services.settings.runtime.timezone)

    async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {}

    servers = Servers(services.pool, services.settings, values)
    installer = Installer(services.settings)
    made = PluginActivities(services.pool, services.client, installer, servers)
    installing = (made.reserve, made.resolve, made.install, made.record, made.undo)
    try:
        async with beside(looking_after_servers=servers.run(), tidying_up_plugins=made.run()):
            yield Share(activities=(running.run, *installing, made.refresh, made.remove, made.search))
    finally:
        try:
            async with asyncio.timeout(END_S):
                await servers.close()
                await installer.close()
        except TimeoutError:
            log.warning("the servers of plugins did not end within %g s", END_S)


@asynccontextmanager
async def plugin_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the queue of plugins."""
    yield Share()
