"""``python -m tests.activities.plugins.running.mortal URL HOME PLUGIN SECONDS``: a worker for a test to kill."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta

from activities.plugins.running import Servers
from clara.plugins.plugin import Plugin
from clara.settings import load
from store import plugins
from store.database import open_pool


async def main(database_url: str, home: str, id: str, seconds: str) -> None:
    async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {}

    pool = await open_pool(database_url)
    plugin = await plugins.get(pool, id)
    assert plugin is not None
    servers = Servers(pool, load({"CLARA_HOME": home}), values)
    soon = timedelta(seconds=60)
    await servers.call(plugin, "terminal:olga", "fork", {"seconds": seconds}, timeout=soon)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    await servers.call(plugin, "terminal:olga", "deaf", {}, timeout=soon)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
