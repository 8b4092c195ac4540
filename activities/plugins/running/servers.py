"""The servers of this worker: started when somebody calls, ended when nobody does any more."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import psycopg

from activities.plugins.running.calls import Ask, CallResult, Probed, RunningServer, Show, show_nobody
from activities.plugins.running.failures import Failures, Key
from activities.plugins.running.faults import NotAsked, ServerFault
from activities.plugins.running.messages.listing import changed, differ
from activities.plugins.running.wire.confinement import Confinement
from activities.plugins.running.wire.link import Link
from clara.errors import ClaraError
from clara.plugins.plugin import Plugin, PluginTool
from clara.settings import Settings
from store import plugins
from store.database import Pool

if TYPE_CHECKING:
    import httpx2

    from activities.plugins.running.server import Server

log = logging.getLogger(__name__)

Values = Callable[[Plugin, str], Awaitable[Mapping[str, str]]]
"""The secret variables, or headers, of a plugin as a person uses it, by name."""

Authorize = Callable[[Plugin, str], "Awaitable[httpx2.Auth | None]"]
"""How a person is known to a plugin at an address, where that needs more than headers."""

MOST = 32
"""Servers at once in one worker; the one that was idle longest makes room."""

ROUND_S = 2.0
WIPED_S = 30.0


class Servers:
    """Made once in a worker. ``run`` goes on until it is cancelled; ``close`` ends all servers."""

    def __init__(self, pool: Pool, settings: Settings, values: Values, auth: Authorize | None = None) -> None:
        self._pool = pool
        self._settings = settings.plugins
        self._values = values
        self._auth = auth
        self._confinement = Confinement(settings, pool)
        self._servers: dict[Key, Server] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._failures = Failures()
        self._locks: dict[Key, asyncio.Lock] = {}

    async def call(
        self,
        plugin: Plugin,
        user_id: str,
        tool: str,
        arguments: dict[str, Any],
        *,
        timeout: timedelta,
        progress: Show = show_nobody,
        ask: Ask | None = None,
    ) -> CallResult:
        """Call a tool of a person's server, which is started where it does not run. Never repeats a call.

        ``timeout`` is for the call; a start has 30 s more. Cancelled, it tells the server so. Raises NotAsked where
        the server never got the call, ServerFault where it did and its outcome is unknown, and ToolFailed where
        trying again will not help.
        """
        server = await self._ready(plugin, user_id)
        try:
            result = await server.call(tool, arguments, timeout, progress, ask)
        except ServerFault as error:
            if server.leaving:
                self._failures.note(server, error)
            raise
        self._failures.forget(plugin.id, user_id)
        return result

    async def probe(self, plugin: Plugin, user_id: str) -> Probed:
        """Start a server only to see what it is; what is known of its tools stays as it is. Raises as ``call`` does."""
        server = await self._made(plugin, user_id, _record_nothing, 0)
        try:
            return await server.ready()
        finally:
            await server.stop()

    async def status(self) -> list[RunningServer]:
        """The servers of this worker, and those that failed and wait for their next start."""
        found = [
            RunningServer(
                server.plugin.id, server.user_id, server.plugin.generation,
                "running" if server.running else "starting", server.since, server.calls, said=server.said,
            )
            for server in self._servers.values()
            if not server.ended
        ]  # fmt: skip
        running = {(each.plugin_id, each.user_id) for each in found}
        return found + [each for each in self._failures.waiting() if (each.plugin_id, each.user_id) not in running]

    async def stop(self, plugin_id: str) -> None:
        """End the servers of a plugin, everybody's; they start again when they are called."""
        keys = [key for key in self._servers if key[0] == plugin_id]
        self._failures.forget(plugin_id)
        await asyncio.gather(*(self._servers.pop(key).stop() for key in keys))

    async def run(self) -> None:
        """Ends what is idle, what was changed and what is gone, and deletes the files of whom is gone."""
        wipe_at = 0.0
        while True:
            await self._attempt(self._look())
            if time.monotonic() >= wipe_at:
                wipe_at = time.monotonic() + WIPED_S
                await self._attempt(self._confinement.wipe())
            await asyncio.sleep(ROUND_S)

    async def close(self) -> None:
        servers, self._servers = list(self._servers.values()), {}
        await asyncio.gather(*(server.stop() for server in servers))
        if self._leaving:
            await asyncio.wait(self._leaving)
        await self._confinement.close()

    async def _attempt(self, doing: Awaitable[None]) -> None:
        """Whatever fails is logged and done again: an end of this would leave servers running for ever."""
        try:
            await doing
        except (psycopg.Error, ClaraError, OSError) as error:
            log.warning("plugins: %s", str(error) or type(error).__name__)
        except Exception:
            log.exception("plugins were not looked after")

    async def _look(self) -> None:
        running = list(self._servers.items())
        if not running:
            return
        states = await plugins.generations(self._pool, list({key[0] for key, _ in running}))
        for key, server in running:
            state, generation = states.get(key[0], ("removing", -1))
            idle = time.monotonic() - server.used if not server.in_flight else 0.0
            is_old = state != "enabled" or generation > server.plugin.generation
            if server.ended or server.leaving or is_old or idle > self._settings.idle_seconds:
                self._part_with(key, server)

    def _part_with(self, key: Key, server: "Server") -> "asyncio.Task[None]":
        """Have a server end, beside whatever else goes on."""
        if self._servers.get(key) is server:
            del self._servers[key]
        task = asyncio.create_task(server.stop(), name=f"end of the plugin {server.plugin.id}")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        return task

    async def _ready(self, plugin: Plugin, user_id: str) -> "Server":
        """The server that a call goes to, started."""
        key = (plugin.id, user_id)
        values = _noted(await self._values(plugin, user_id))
        async with self._locks.setdefault(key, asyncio.Lock()):
            server = self._servers.get(key)
            if server is not None and (server.leaving or _is_old(server, plugin, values)):
                if not server.succeeded and server.fault is not None:
                    self._failures.note(server, server.fault)
                await self._part_with(key, server)  # its box is its successor's
                server = None
            if server is None:
                self._failures.check(plugin, user_id, values)
                self._make_room(plugin)
                server = self._servers[key] = await self._made(plugin, user_id, self._record(plugin), values)
        server.used = time.monotonic()
        try:
            await server.ready()
        except ClaraError as error:
            self._failures.note(server, error)
            raise
        return server

    async def _made(
        self,
        plugin: Plugin,
        user_id: str,
        record: "Callable[[Sequence[PluginTool]], Awaitable[frozenset[str]]]",
        values: int,
    ) -> "Server":
        # Two seconds and 50 MB, so neither before somebody has a plugin nor in the thread of the heartbeats.
        module: Any = await asyncio.to_thread(import_module, "activities.plugins.running.server")
        links: Any = await asyncio.to_thread(import_module, "activities.plugins.running.wire.links")

        async def no_auth(plugin: Plugin, user_id: str) -> None:
            return None

        def connect() -> AbstractAsyncContextManager[Link]:
            link: AbstractAsyncContextManager[Link] = links.link(
                self._confinement, plugin, user_id, self._values, self._auth or no_auth, self._trusted()
            )
            return link

        made: Server = module.Server(plugin, user_id, connect, record, values)
        return made

    def _trusted(self) -> Sequence[str]:
        hosted = self._settings.smithery_servers_url
        return (*self._settings.trusted_urls, *((hosted,) if hosted else ()))

    def _record(self, plugin: Plugin) -> Callable[[Sequence[PluginTool]], Awaitable[frozenset[str]]]:
        async def record(tools: Sequence[PluginTool]) -> frozenset[str]:
            known = await plugins.tools_of(self._pool, [plugin.id])
            if differ(known, tools):
                try:
                    await plugins.record_tools(self._pool, plugin.id, tools)
                except psycopg.errors.ForeignKeyViolation:
                    raise NotAsked(f"The plugin {plugin.name} is not installed any more.", "gone") from None
                log.info("the plugin %s has other tools than before", plugin.id)
            return changed(known, tools)

        return record

    def _make_room(self, plugin: Plugin) -> None:
        if len(self._servers) < MOST:
            return
        idle = [(server.used, key) for key, server in self._servers.items() if not server.in_flight]
        if not idle:
            raise NotAsked(
                f"{MOST} plugins are at work here, so {plugin.name} has to wait.", "busy", timedelta(seconds=5)
            )
        _, key = min(idle)
        self._part_with(key, self._servers[key])


def _noted(values: Mapping[str, str]) -> int:
    """By which it is known in this process whether values are still the same."""
    return hash(frozenset(values.items()))


def _is_old(server: "Server", plugin: Plugin, values: int) -> bool:
    return server.plugin.generation < plugin.generation or server.values != values


async def _record_nothing(tools: Sequence[PluginTool]) -> frozenset[str]:
    return frozenset()
