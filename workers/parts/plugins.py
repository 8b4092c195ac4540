"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from activities.notices import notify
from activities.plugins.activities import PluginActivities
from activities.plugins.authorizing import Logins
from activities.plugins.authorizing.activities import LoginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.management import tools as management
from activities.plugins.offering.toolset import NAME, toolset
from activities.plugins.running import Servers
from activities.plugins.values import Values
from activities.tools.run import ToolActivities
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
    logins = Logins.of(pool, services.sealer, settings)
    servers = Servers(pool, settings, Values(pool, services.sealer), logins.auth)

    installer = Installer(settings)
    made = PluginActivities(pool, services.client, installer, servers, logins.forget_all)
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
                toolsets=(toolset(pool, servers, partial(notify, pool, services.client)), management.toolset(desk)),
            )
    finally:
        try:
            async with asyncio.timeout(END_S):
                await logins.close()
                await servers.close()
                await installer.close()
        except TimeoutError:
            log.warning("the servers of plugins did not end within %g s", END_S)


@asynccontextmanager
async def plugin_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the queue of plugins."""
    if NAME in services.catalogue:
        yield Share()
        return
    desk = management.Desk(services.pool, services.client)
    yield Share(
        toolsets=(
            toolset(services.pool, None, partial(notify, services.pool, services.client)),
            management.toolset(desk),
        )
    )
