"""A real plugin, server-everything of npm: what a call costs over the server's own time, and what a start costs.

The server's own time is that of the same call to the same program without anything around it: no box, no SDK, a line
in and a line out.
"""

import asyncio
import json
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities.plugins import places
from activities.plugins.node import node
from activities.plugins.running import Servers
from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.stack import Stack
from clara.plugins.plugin import Launch, Plugin
from clara.settings import load
from store import plugins
from store.database import open_pool
from tests import needs, npm

PERSON = "bench:olga"
OVER = Aim(15)
SOON = timedelta(seconds=30)
BEGIN: Mapping[str, Any] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}

Echo = Callable[[], Awaitable[None]]


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """In this process, with Clara's database. Where there is no Node.js or no bubblewrap it has no figures."""
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
