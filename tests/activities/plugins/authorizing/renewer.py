"""``python -m tests.activities.plugins.authorizing.renewer URL HOME PLUGIN USER TRUSTED [LEASE]``

A worker that renews; LEASE is in seconds.
"""

import asyncio
import sys
from datetime import timedelta

from activities.oauth import renewing
from activities.plugins.authorizing import Logins
from clara.settings import load
from store import plugins
from store.database import open_pool
from store.sealing import Keys, Sealer


async def main(url: str, home: str, plugin_id: str, user_id: str, trusted: str, lease: str = "") -> None:
    if lease:
        renewing.LEASE = timedelta(seconds=float(lease))
    settings = load({"CLARA_HOME": home, "MCP_TRUSTED_URLS": trusted})
    pool = await open_pool(url, max_size=2)
    plugin = await plugins.get(pool, plugin_id)
    assert plugin is not None
    logins = Logins.of(pool, Sealer(Keys.of(settings)), settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    token = await logins.token(plugin, user_id)
    sys.stdout.write(f"{token.version if token else None}\n")
    await pool.close()


asyncio.run(main(*sys.argv[1:]))
