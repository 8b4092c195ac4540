"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.plugins.activities import PluginActivities
from activities.plugins.authorizing import Logins
from activities.plugins.authorizing.activities import LoginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.management import tools as management
from activities.plugins.offering.toolset import NAME, toolset
from activities.plugins.running import Servers
from activities.plugins.values import Values
from activities.tools.run import ToolActivities
from clara.settings import Settings
from store import plugins as kept
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

log = logging.getLogger(__name__)

END_S = 5.0
"""A server is given 4 s to end; what runs in boxes ends with this process anyway."""


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers, installs them and connects people."""
    pool, settings = services.pool, services.settings
    running = ToolActivities(pool, services.offers, services.gate, settings.runtime.timezone)
    logins = opened_logins(services)
    servers = Servers(pool, settings, Values(pool, services.sealer), logins.auth)

    async def forget(plugin_id: str) -> None:
        plugin = await kept.get(pool, plugin_id)
        if plugin is not None:
            await logins.forget(plugin)

    installer = Installer(settings)
    made = PluginActivities(pool, services.client, installer, servers, forget)
    installing = (made.reserve, made.resolve, made.install, made.record, made.undo)
    connecting = LoginActivities(pool, logins)
    desk = management.Desk(pool, services.client, servers, logins)
    try:
        async with beside(looking_after_servers=servers.run(), tidying_up_plugins=made.run()):
            yield Share(
                activities=(
                    running.run,
                    *(*installing, made.refresh, made.remove, made.search),
                    *(connecting.begin, connecting.finish, connecting.end),
                ),
                toolsets=(toolset(pool, servers), management.toolset(desk)),
            )
    finally:
        try:
            async with asyncio.timeout(END_S):
                await servers.close()
                await installer.close()
        except TimeoutError:
            log.warning("the servers of plugins did not end within %g s", END_S)


def opened_logins(services: Services) -> Logins:
    settings = services.settings
    return Logins(services.pool, services.sealer, f"{settings.own_address}/oauth/callback", _trusted(settings))


def _trusted(settings: Settings) -> tuple[str, ...]:
    """Servers that need not be at public addresses, because the operator has named them."""
    hosted = settings.plugins.smithery_servers_url
    return (*settings.plugins.trusted_urls, *((hosted,) if hosted else ()))


@asynccontextmanager
async def plugin_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the queue of plugins."""
    if NAME in services.catalogue:
        yield Share()
        return
    desk = management.Desk(services.pool, services.client)
    yield Share(toolsets=(toolset(services.pool, None), management.toolset(desk)))
