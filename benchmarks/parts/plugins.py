"""A real plugin, server-everything of npm: what a call costs over the server's own time, and what a start costs.
And what ten plugins add to the beginning of a turn, which reads what is known of their tools and starts none.

The server's own time is that of the same call to the same program without anything around it: no box, no SDK, a line
in and a line out.
"""

import asyncio
import json
import secrets
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from activities.plugins import places
from activities.plugins.node import node
from activities.plugins.offering.toolset import toolset
from activities.plugins.running import Servers
from activities.tools.builtin import toolset as built_in
from activities.tools.catalogue import Catalogue
from activities.tools.offers import Offers
from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.listening import PLATFORM
from benchmarks.rig.stack import Stack
from clara.messages import ConversationKey, Incoming, Person
from clara.notices import Notice
from clara.plugins.plugin import Launch, Plugin, PluginTool
from clara.settings import load
from store import plugins
from store.database import Pool, open_pool
from store.turns import turns
from tests import needs, npm

PERSON = "bench:olga"
OVER = Aim(15)
MORE = Aim(10)
MANY, TOOLS = 10, 10
"""Plugins of somebody, and tools of each."""

SOON = timedelta(seconds=30)
BEGIN: Mapping[str, Any] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}

Echo = Callable[[], Awaitable[None]]


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """In this process, with Clara's database. Where there is no Node.js or no bubblewrap no plugin is run."""
    return [*await _offers(stack, rounds), *await _calls(stack, rounds)]


async def _nobody_is_told(notice: Notice) -> None:
    """No server runs, so none asks anything."""


async def _offers(stack: Stack, rounds: int) -> list[Figure]:
    pool = await open_pool(stack.database_url)
    catalogue = Catalogue()
    offers = Offers(pool, catalogue)
    catalogue.add((built_in(pool, offers), toolset(pool, None, _nobody_is_told)))
    busy, free = f"{PLATFORM}:{secrets.token_hex(4)}", f"{PLATFORM}:{secrets.token_hex(4)}"
    try:
        for _ in range(MANY):
            await _with_tools(pool, busy)
        took: dict[str, list[float]] = {busy: [], free: []}
        for _ in range(rounds):
            for person, times in took.items():
                turn = await turns.begin(pool, _message(person))
                began = time.perf_counter()
                await offers.begin(turn)
                times.append((time.perf_counter() - began) * 1e3)
    finally:
        await pool.close()
    more = [ours - without for ours, without in zip(took[busy], took[free], strict=True)]
    return [Figure(f"Plugins: what {MANY} of {TOOLS} tools add to a turn", Spread.of(more), "ms", aim=MORE)]


async def _with_tools(pool: Pool, person: str) -> None:
    """A plugin of somebody, with tools that they have said yes to."""
    id = secrets.token_hex(8)
    plugin = Plugin(
        id=id, owner=person, name=f"bench{id}", kind="http", source="a benchmark", installed_by=person,
        launch=Launch(url="https://bench.example/mcp"), state="ready",
    )  # fmt: skip
    about = {"type": "object", "properties": {"name": {"type": "string"}, "limit": {"type": "integer"}}}
    tools = [
        PluginTool(plugin_id=id, name=f"do_{number}", description=f"Does number {number}.", parameters=about)
        for number in range(TOOLS)
    ]
    await plugins.add(pool, plugin)
    await plugins.record_tools(pool, id, tools)
    await plugins.enable(pool, id, tools, {})


def _message(person: str) -> Incoming:
    return Incoming(
        id="m1",
        conversation=ConversationKey(platform=PLATFORM, channel=f"bench/{uuid.uuid4().hex[:8]}"),
        user=Person(id=person, name="Bench"),
        text="hello",
        sent_at=datetime.now(UTC),
    )


async def _calls(stack: Stack, rounds: int) -> list[Figure]:
    if not (sys.platform == "linux" and needs.found("npm") and needs.found("bubblewrap") and await node()):
        return []
    program = npm.installed()
    if program is None:
        return []
    async with _servers(stack, program) as (servers, plugin), _bare(program) as bare:

        async def confined() -> None:
            said = await servers.call(plugin, PERSON, "echo", {"message": "hi"}, timeout=SOON)
            assert said.text == "Echo: hi", said

        cold = []
        for _ in range(max(3, rounds // 8)):
            await servers.stop(plugin.id)
            cold.append(await _timed(confined))
        warm, own = [], []
        for _ in range(rounds):
            warm.append(await _timed(confined) * 1e3)
            own.append(await _timed(bare) * 1e3)
    over = [ours - its for ours, its in zip(warm, own, strict=True)]
    return [
        Figure("Plugin: a server started, and its first call", Spread.of(cold), "s"),
        Figure("Plugin: a warm call", Spread.of(warm), "ms", baseline=Spread.of(own)),
        Figure("Plugin: a warm call, over the server's own time", Spread.of(over), "ms", aim=OVER),
    ]


@asynccontextmanager
async def _servers(stack: Stack, program: Path) -> AsyncIterator[tuple[Servers, Plugin]]:
    async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {}

    pool = await open_pool(stack.database_url)
    id = secrets.token_hex(8)
    command = ("node", f"{places.INSIDE}/{npm.SERVERS['everything']}", "stdio")
    plugin = Plugin(
        id=id, owner="", name=f"bench{id}", kind="command", source="a benchmark", launch=Launch(command=command),
        state="enabled", installed_by=PERSON,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="clara-bench-plugins-") as folder:
        settings = load({"CLARA_HOME": folder})
        where = places.installed(places.root(settings), id)
        where.parent.mkdir(parents=True)
        where.symlink_to(program)
        servers = Servers(pool, settings, values)
        await plugins.add(pool, plugin)
        try:
            yield servers, plugin
        finally:
            await servers.close()
            await plugins.remove(pool, id)
            await pool.close()


@asynccontextmanager
async def _bare(program: Path) -> AsyncIterator[Echo]:
    """Calls the program by hand."""
    found = await node()
    assert found is not None
    process = await asyncio.create_subprocess_exec(
        str(found.executable), str(program / npm.SERVERS["everything"]), "stdio",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None

    async def ask(method: str, params: Mapping[str, Any]) -> None:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        stdin.write(json.dumps(message).encode() + b"\n")
        while '"id":1' not in (await stdout.readline()).decode():
            pass

    try:
        async with asyncio.timeout(60):
            await ask("initialize", BEGIN)
        stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        yield lambda: ask("tools/call", {"name": "echo", "arguments": {"message": "hi"}})
    finally:
        process.kill()
        await process.wait()


async def _timed(once: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await once()
    return time.perf_counter() - began
