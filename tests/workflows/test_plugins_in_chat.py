"""Plugins installed as people say it in a chat, enabled and used there; the registries are on loopback."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.llm.scripted.replies import Call, reply
from activities.llm.scripted.request import hear
from activities.notices import notify
from activities.plugins.activities import PluginActivities
from activities.plugins.installing.installer import Installer
from activities.plugins.management import tools as management
from activities.plugins.offering.toolset import toolset
from activities.plugins.running import Servers
from activities.tools.run import ToolActivities
from clara.llm.models import Prompt
from clara.plugins.plugin import Plugin
from clara.settings import Settings, load
from store import plugins
from store.database import Pool
from temporal import queues
from tests import needs
from tests.conftest import StartWorker
from tests.gates import open_gate
from tests.installed import alone
from tests.loopback.http import Server, answer, redirect
from tests.loopback.npm import SERVER, NpmRegistry, archive, as_json
from tests.loopback.plugins import addressed
from tests.workflows.conversations import Conversation, calls, conversation, offers_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EVERYTHING = "@modelcontextprotocol/server-everything"


@pytest.fixture(autouse=True)
def _needs() -> None:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    needs.require("bubblewrap")
    needs.require("npm")


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    """Smithery with a server of its own, GitHub, and where hosted servers are."""
    async with addressed.server() as opened:
        connection = {"type": "http", "deploymentUrl": f"{opened.url}/mcp"}
        opened.routes["/servers/exa"] = as_json({"qualifiedName": "exa", "connections": [connection]})
        opened.routes["/@smithery/notion/mcp"] = opened.routes["/mcp"]
        files = {
            "package.json": json.dumps({"name": "all", "private": True, "workspaces": ["src/*"]}),
            **{
                f"src/{name}/package.json": json.dumps({"name": name, "version": "1.0.0", "bin": "index.js"})
                for name in ("memory", "time")
            },
            **{f"src/{name}/index.js": SERVER for name in ("memory", "time")},
        }
        repository = "/repos/modelcontextprotocol/servers"
        opened.routes[f"{repository}/commits/HEAD"] = answer(COMMIT.encode())
        opened.routes[f"{repository}/tarball/{COMMIT}"] = redirect(f"{opened.url}/archive")
        packed = archive(files, f"modelcontextprotocol-servers-{COMMIT[:7]}")
        opened.routes["/archive"] = answer(packed, content_type="application/x-gzip")
        yield opened


@pytest.fixture
async def settings(web: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    async with NpmRegistry() as npm:
        npm.publish(EVERYTHING, "1.2.3")
        monkeypatch.setenv("npm_config_registry", npm.url)
        yield load(
            {
                "CLARA_HOME": str(tmp_path), "GITHUB_BASE_URL": web.url, "SMITHERY_REGISTRY_URL": web.url,
                "SMITHERY_SERVER_URL": web.url, "SMITHERY_API_TOKEN": "key", "MCP_TRUSTED_URLS": web.url,
            }
        )  # fmt: skip


@pytest.fixture
async def talk(
    client: Client, pool: Pool, settings: Settings, start_worker: StartWorker
) -> AsyncIterator[Conversation]:
    """A conversation with the stand-in, and a worker of plugins."""

    async def no_values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {}

    def says(prompt: Prompt) -> Any:
        said = reply(hear(prompt))
        return calls((said.name, said.arguments)) if isinstance(said, Call) else said

    tell = partial(notify, pool, client)
    servers, installer = Servers(pool, settings, no_values), Installer(settings)
    does = PluginActivities(pool, client, installer, servers)
    desk = management.Desk(pool, client, servers)
    offers = offers_of(pool, toolset(pool, servers, tell), management.toolset(desk))
    running = ToolActivities(pool, offers, open_gate(pool), "UTC")
    served = [running.run, does.reserve, does.resolve, does.install, does.record, does.undo, does.refresh]
    served += [does.remove, does.search]
    offered = (toolset(pool, None, tell), management.toolset(management.Desk(pool, client)))
    async with (
        alone(pool),
        start_worker(served, queues.PLUGINS, workflows=[]),
        conversation(client, pool, start_worker, says, toolsets=offered) as talk,
    ):
        yield talk
        await servers.close()
        await installer.close()


async def reply_to(talk: Conversation, text: str) -> str:
    turn = await talk.ended(await talk.say(text, admin=True), seconds=120)
    assert turn.status == "completed"
    assert turn.reply is not None
    return turn.reply


async def test_each_form_as_it_is_said_in_a_chat(talk: Conversation, pool: Pool, web: Server) -> None:
    said = await reply_to(talk, f"@Clara install the MCP server {EVERYTHING}")
    assert f"everything (yours, installed, not enabled yet), from {EVERYTHING}" in said
    assert "Pinned: 1.2.3" in said
    assert "in a box of each person's own without a network" in said
    said = await reply_to(talk, "@Clara install the MCP server smithery:exa")
    assert "exa (yours, installed, not enabled yet), from smithery:exa" in said
    assert f"It is a server at {web.url}/mcp" in said
    said = await reply_to(talk, "@Clara install smithery-hosted:@smithery/notion")
    assert "notion (yours, installed, not enabled yet), from smithery-hosted:@smithery/notion" in said
    said = await reply_to(talk, "@Clara install MCP server from github.com/modelcontextprotocol/servers")
    assert "src/memory, src/time" in said, "one of several has to be named"
    said = await reply_to(talk, "@Clara install MCP server from github.com/modelcontextprotocol/servers/src/time")
    assert f"Pinned: {COMMIT}" in said
    found = {each.name: each.state for each in await plugins.of_person(pool, talk.user.id)}
    assert found == {"everything": "ready", "exa": "ready", "notion": "ready", "time": "ready"}


async def test_what_was_installed_is_used_once_somebody_has_said_yes(talk: Conversation, pool: Pool) -> None:
    await reply_to(talk, f"install the MCP server {EVERYTHING}")
    assert "is not offered here" in await reply_to(talk, 'call everything__say {"text": "hi"}')
    assert "everything is on" in await reply_to(talk, "enable the plugin everything")
    said = await reply_to(talk, "which plugins are there?")
    assert "everything__say" in said
    assert "done" in await reply_to(talk, 'call everything__say {"text": "hi"}')
    (used,) = await plugins.totals(pool, talk.user.id)
    assert (used.plugin, used.tool, used.calls) == ("everything", "say", 1)
