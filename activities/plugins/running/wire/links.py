"""The way to a server, whichever it is. Loads the SDK."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager

import httpx2

from activities.plugins.running.wire.confinement import Confinement
from activities.plugins.running.wire.http import remote
from activities.plugins.running.wire.link import Link
from activities.plugins.running.wire.stdio import local
from clara.plugins.plugin import Plugin


@asynccontextmanager
async def link(
    confinement: Confinement,
    plugin: Plugin,
    user_id: str,
    values: Callable[[Plugin, str], Awaitable[Mapping[str, str]]],
    auth: Callable[[Plugin, str], Awaitable[httpx2.Auth | None]],
    trusted: Collection[str],
) -> AsyncIterator[Link]:
    secrets = await values(plugin, user_id)
    if plugin.is_local:
        async with local(confinement, plugin, user_id, secrets) as made:
            yield made
    else:
        async with remote(plugin, secrets, await auth(plugin, user_id), trusted) as made:
            yield made
