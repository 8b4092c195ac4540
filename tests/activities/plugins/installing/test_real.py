"""The real servers of npm, installed by the project itself from the registry of this machine, and started once."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from activities.plugins import places
from activities.plugins.installing.installer import Installer
from activities.plugins.running import Servers
from clara.errors import ToolFailed, Unavailable
from clara.plugins.plugin import Plugin
from clara.plugins.requests import InstallRequest
from clara.settings import load
from store import plugins
from store.database import Pool

SERVERS = {
    "@modelcontextprotocol/server-everything": "echo",
    "@modelcontextprotocol/server-filesystem /home/user": "read_text_file",
    "@modelcontextprotocol/server-memory": "create_entities",
}
"""By what is typed: a tool of each."""

TRIED = [*SERVERS] if os.environ.get("TEST_PLUGINS_ALL") else [*SERVERS][:1]
"""Each downloads a hundred packages. The first has everything that a server can have."""


@pytest.mark.usefixtures("boxes")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("source", TRIED)
async def test_a_real_server_is_installed_and_shows_its_tools(pool: Pool, tmp_path: Path, source: str) -> None:
    settings = load({"CLARA_HOME": str(tmp_path)})
    installer = Installer(settings)
    request = InstallRequest(key=secrets.token_hex(8), user_id="cli:ann", source=source)
    try:
        pinned = await installer.resolve(request)
        installed = await installer.install(request.plugin_id, pinned)
    except (ToolFailed, Unavailable) as error:
        pytest.skip(f"npm cannot install {source} here: {error}")
    assert pinned.launch.digest.startswith("sha512-")
    assert places.installed(places.root(settings), request.plugin_id).is_dir()

    async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {}

    servers = Servers(pool, settings, values)
    plugin = Plugin(
        id=request.plugin_id, owner="", name=f"real{request.plugin_id}", kind="npm", source=source,
        launch=installed.launch, installed_by="cli:ann",
    )  # fmt: skip
    assert await plugins.add(pool, plugin)
    probed = await servers.probe(plugin, "cli:ann")
    await asyncio.gather(servers.close(), installer.close(), plugins.remove(pool, plugin.id))
    assert SERVERS[source] in {tool.name for tool in probed.tools}
