"""Plugins: in their own role what runs their servers, and in that of turns what can be asked of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.plugins.authorizing import Logins
from activities.plugins.authorizing.activities import LoginActivities
from activities.tools.run import ToolActivities
from clara.settings import Settings
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def plugins(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of plugins, as the one role that starts their servers."""
    running = ToolActivities(services.pool, services.offers, services.gate, services.settings.runtime.timezone)
    logins = LoginActivities(services.pool, opened_logins(services))
    yield Share(activities=(running.run, logins.begin, logins.finish, logins.end))


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
    yield Share()
