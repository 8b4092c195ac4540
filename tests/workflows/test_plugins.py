"""Plugins are installed from a registry, step by step, and are whole or gone, whatever dies meanwhile."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.notices import NoticeActivities
from activities.plugins import contained, places
from activities.plugins.activities import PluginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.running import Servers
from clara.messages import ConversationKey
from clara.plugins.plugin import Plugin
from clara.plugins.requests import Address, InstallRequest, PluginRequest
from clara.settings import Settings, load
from store import notices, plugins
from store.database import Pool
from temporal import queues
from temporal.starting import plugins as asking
from tests import needs
from tests.conftest import StartWorker
from tests.loopback.http import answer
from tests.loopback.npm import NpmRegistry
from tests.loopback.plugins.addressed import server
from tests.patience import PATIENCE_S
from tests.workflows.workers import worker_processes

LONG = timedelta(seconds=120)


@pytest.fixture(autouse=True)
def _needs() -> None:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    needs.require("bubblewrap")
    needs.require("npm")


@pytest.fixture
async def registry(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NpmRegistry]:
    async with NpmRegistry() as opened:
        monkeypatch.setenv("npm_config_registry", opened.url)
        yield opened


@pytest.fixture
def settings(tmp_path: Path, registry: NpmRegistry) -> Settings:
    return load({"CLARA_HOME": str(tmp_path), "MCP_TRUSTED_URLS": registry.url})


def wish(source: str, **more: Any) -> InstallRequest:
    person = f"cli:p-{uuid.uuid4().hex[:8]}"
    return InstallRequest(**{"key": uuid.uuid4().hex, "user_id": person, "source": source, **more})


class Installing:
    """A worker for plugins, in this process."""

    def __init__(self, client: Client, pool: Pool, settings: Settings) -> None:
        self._client = client
        self._pool = pool
        self.root = places.root(settings)
        self.values: dict[str, str] = {}

        async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
            return self.values

        self.servers = Servers(pool, settings, values)
        self.activities = PluginActivities(pool, client, Installer(settings), self.servers)

    async def install(self, request: InstallRequest) -> Any:
        id = await asking.install(self._client, request)
        return await asking.outcome(self._client, id, LONG)

    def on_disk(self) -> list[str]:
        folders = (places.installed(self.root, "x").parent, places.installing(self.root))
        return sorted(each.name for folder in folders if folder.is_dir() for each in folder.iterdir())


@pytest.fixture
async def installing(
    client: Client, pool: Pool, settings: Settings, start_worker: StartWorker
) -> AsyncIterator[Installing]:
    made = Installing(client, pool, settings)
    does = made.activities
    served = [does.reserve, does.resolve, does.install, does.record, does.undo, does.refresh, does.remove, does.search]
    async with start_worker(served, queues.PLUGINS, workflows=[]), start_worker([NoticeActivities(pool).keep]):
        yield made
    await made.servers.close()


async def test_a_package_is_pinned_and_installed_and_its_tools_are_known(
    installing: Installing, registry: NpmRegistry, pool: Pool
) -> None:
    registry.publish("@tests/server-small", "1.0.0", "1.2.3")
    address = Address(to=ConversationKey(platform="cli", channel="main"))
    request = wish("@tests/server-small", address=address)
    outcome = await installing.install(request)
    assert (outcome.state, outcome.sentence, outcome.tools) == ("ready", "", 2)
    plugin = await plugins.get(pool, request.plugin_id)
    assert plugin is not None
    assert (plugin.name, plugin.owner) == ("small", request.user_id)
    assert plugin.launch.version == "1.2.3"
    assert plugin.launch.digest.startswith("sha512-")
    assert plugin.launch.hosts == ()
    assert plugin.launch.command[0] == "node"
    tools = await plugins.tools_of(pool, [plugin.id])
    assert [tool.name for tool in tools] == ["add", "say"]
    assert all(tool.approved is None for tool in tools), "nobody has said yes to them"
    told = await notices.get(pool, f"plugin/{plugin.id}/installed")
    assert told is not None
    assert "`add`, `say`" in told.notice.text
    assert "mcp enable small" in told.notice.text
    assert installing.on_disk() == [plugin.id], "nothing is left of the box"
    folder = places.installed(installing.root, plugin.id)
    assert not any(each.stat().st_mode & 0o022 for each in folder.rglob("*") if not each.is_symlink())
    assert not list(folder.rglob("poison"))


async def test_a_wish_that_comes_twice_installs_once(installing: Installing, registry: NpmRegistry, pool: Pool) -> None:
    registry.publish("small")
    request = wish("small@1.0.0")
    first = await installing.install(request)
    assert await installing.install(request) == first
    again = await installing.install(wish("small", user_id=request.user_id))
    assert again.state == "gone"
    assert "a plugin named small already" in again.sentence
    assert [plugin.id for plugin in await plugins.of_person(pool, request.user_id)] == [request.plugin_id]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("small@9.9.9", "has no small@9.9.9"),
        ("swapped", "EINTEGRITY"),
        ("no-program", "has no program"),
        ("shell", "not one for Node.js"),
        ("outside", "lacks the file"),
        ("what?", "names no plugin"),
        ("command:/bin/true", "Only an administrator"),
        ("https://10.0.0.1/mcp", ""),
    ],
)
async def test_what_cannot_be_installed_leaves_nothing_and_says_why(
    installing: Installing, registry: NpmRegistry, pool: Pool, source: str, says: str
) -> None:
    registry.publish("small")
    registry.publish("swapped", integrity="sha512-" + "A" * 86 + "==")
    registry.publish("no-program", bin={})
    registry.publish("shell", files={"index.js": "#!/bin/sh\necho hello\n"})
    registry.publish("outside", bin="../../../../../../etc/passwd")
    address = Address(to=ConversationKey(platform="cli", channel="main"))
    request = wish(source, address=address)
    outcome = await installing.install(request)
    if source.startswith("https"):
        assert outcome.state == "failed"
        assert "private network" in outcome.sentence
        return
    assert outcome.state == "gone", outcome
    assert says in outcome.sentence
    assert await plugins.get(pool, request.plugin_id) is None
    assert installing.on_disk() == []
    told = await notices.get(pool, f"plugin/{request.plugin_id}/installed")
    assert told is not None
    assert says in told.notice.text


async def test_a_server_that_lacks_a_key_is_tried_again_once_it_has_one(
    installing: Installing, registry: NpmRegistry, pool: Pool, client: Client
) -> None:
    registry.publish("small")
    request = wish("small key")
    outcome = await installing.install(request)
    assert outcome.state == "failed"
    assert "mcp set small" in outcome.sentence
    assert outcome.said == "API_KEY is not set"
    assert outcome.said not in outcome.sentence
    plugin = await plugins.get(pool, request.plugin_id)
    assert plugin is not None
    launch = plugin.launch.model_copy(update={"secrets": ("API_KEY",)})
    await plugins.change(pool, plugin.id, launch=launch)
    installing.values["API_KEY"] = "4711"
    asked = PluginRequest(plugin_id=plugin.id, user_id=request.user_id)
    refreshed = await asking.refresh(client, asked, LONG)
    assert refreshed is not None
    assert (refreshed.state, refreshed.sentence, refreshed.tools) == ("ready", "", 2)


async def test_a_server_at_an_address_that_wants_a_login_says_how(
    installing: Installing, registry: NpmRegistry, pool: Pool
) -> None:
    registry.server.routes["/mcp"] = answer(b"", "401 Unauthorized")
    request = wish(f"{registry.url}/mcp", name="diary")
    outcome = await installing.install(request)
    assert outcome.state == "failed"
    assert "Connect it" in outcome.sentence
    assert "After that, /clara mcp refresh diary tries again." in outcome.sentence
    plugin = await plugins.get(pool, request.plugin_id)
    assert plugin is not None
    assert plugin.launch.url == f"{registry.url}/mcp"


@pytest.mark.parametrize("in_a_container", [False, True])
async def test_where_there_is_no_sandbox_a_plugin_at_an_address_works_and_others_say_why_not(
    installing: Installing, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_a_container: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # which has neither bubblewrap nor npm
    monkeypatch.setattr(contained, "MARKS", (tmp_path,) if in_a_container else ())
    refused = await installing.install(wish("small"))
    assert refused.state == "gone"
    assert ("Clara runs in a container" in refused.sentence) is in_a_container
    assert ("install bubblewrap" in refused.sentence) is not in_a_container
    assert "A plugin at an address can be used" in refused.sentence
    async with server() as served:
        monkeypatch.setattr(installing.servers, "_trusted", lambda: [served.url])
        request = wish(f"{served.url}/mcp", name="addressed")
        done = await installing.install(request)
        assert (done.state, done.tools) == ("ready", 1)
        plugin = await plugins.get(pool, request.plugin_id)
        assert plugin is not None
        said = await installing.servers.call(plugin, request.user_id, "echo", {}, timeout=LONG)
        assert said.text == "hello"


async def test_a_plugin_is_removed_with_all_that_there_is_of_it(
    installing: Installing, registry: NpmRegistry, pool: Pool, client: Client
) -> None:
    registry.publish("small")
    request = wish("small")
    await installing.install(request)
    asked = PluginRequest(plugin_id=request.plugin_id, user_id=request.user_id)
    removed = await asking.remove(client, asked, LONG)
    assert removed is not None
    assert removed.state == "gone"
    assert await plugins.get(pool, request.plugin_id) is None
    assert installing.on_disk() == []
    again = await asking.remove(client, asked, LONG)
    assert again == removed


async def test_a_plugin_is_removed_while_it_is_being_installed(
    installing: Installing, registry: NpmRegistry, pool: Pool, client: Client
) -> None:
    registry.publish("small")
    tarball = "/small/-/small-1.0.0.tgz"
    registry.hold(tarball)
    request = wish("small")
    id = await asking.install(client, request)
    await registry.asked(tarball)
    assert await asking.progress(client, id) == "installing small 1.0.0"
    removed = await asking.remove(client, PluginRequest(plugin_id=id, user_id=request.user_id), LONG)
    assert removed is not None
    assert removed.state == "gone"
    outcome = await asking.outcome(client, id, LONG)
    assert outcome is not None
    assert outcome.state in ("gone", "removing")
    assert outcome.sentence == "It was stopped."
    assert await plugins.get(pool, id) is None
    assert installing.on_disk() == []


async def test_what_nobody_knows_is_tidied_up(installing: Installing, pool: Pool) -> None:
    places.installed(installing.root, "a" * 16).mkdir(parents=True)
    (places.installing(installing.root) / ("b" * 24)).mkdir(parents=True)
    await installing.activities._tidy()
    assert installing.on_disk() == []


@pytest.mark.timeout(300)
async def test_workers_are_killed_at_each_step_and_it_is_installed_all_the_same(
    client: Client, pool: Pool, registry: NpmRegistry, database_url: str, temporal_address: str, tmp_path: Path
) -> None:
    registry.publish("small")
    packed, tarball = registry.path("small"), "/small/-/small-1.0.0.tgz"
    more = {"npm_config_registry": registry.url, "HOME": os.environ["HOME"]}
    request = wish("small slow", address=Address(to=ConversationKey(platform="cli", channel="main")))
    async with worker_processes(tmp_path, database_url, temporal_address, registry.url, more=more) as workers:
        id = await asking.install(client, request)
        for path in (packed, tarball):
            registry.hold(path)
            worker = await workers.start()
            await registry.asked(path)
            worker.kill()
            await worker.wait()
            assert await plugins.get(pool, id) is not None
            registry.let_go(path)
        worker = await workers.start()
        await _until(lambda: places.installed(tmp_path / "plugins", id).is_dir())
        worker.kill()  # while its folder is there and nobody was told, or its server starts
        await worker.wait()
        await workers.start()
        outcome = await asking.outcome(client, id, LONG)
        assert outcome is not None
        assert (outcome.state, outcome.tools) == ("ready", 2), outcome
        assert await notices.get(pool, f"plugin/{id}/installed") is not None
        await _until(lambda: [each.name for each in (tmp_path / "plugins" / "installed").iterdir()] == [id])


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)
