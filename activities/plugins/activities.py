"""The steps of installing plugins, and what is done with those that are installed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

import psycopg
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.notices import notify
from activities.plugins.installing import telling
from clara.errors import ClaraError, Unavailable, UserError
from clara.plugins.plugin import Plugin
from clara.plugins.requests import (
    Hits,
    InstallRequest,
    InstallStep,
    Pinned,
    PluginOutcome,
    PluginRequest,
    SearchRequest,
    UndoRequest,
)
from clara.plugins.source import checked_name, default_name, parse
from store import plugins
from store.database import Pool
from temporal.client import RPC_TIMEOUT
from temporal.contracts.plugins import Plugins
from temporal.starting.plugins import install_id

if TYPE_CHECKING:
    from activities.plugins.installing.installer import Installer
    from activities.plugins.running import Probed

log = logging.getLogger(__name__)

MOST = 50
"""Plugins of one owner, because each takes disk."""

STARTS = 2
"""After so many failures a server that does not start is taken at its word."""

SAID_LIMIT = 500
TIDIED_S = 60.0

Forget = Callable[[str], Awaitable[None]]


class Servers(Protocol):
    """What runs servers, as far as it is needed here."""

    async def probe(self, plugin: Plugin, user_id: str) -> "Probed":
        """Start a server only to see what it is."""

    async def stop(self, plugin_id: str) -> None:
        """End the servers of a plugin."""


async def _no_logins(plugin_id: str) -> None:
    """Nobody is logged in anywhere."""


class PluginActivities(Plugins):
    """``forget`` ends the logins of all people at a plugin."""

    def __init__(
        self, pool: Pool, client: Client, installer: "Installer", servers: Servers, forget: Forget = _no_logins
    ) -> None:
        self._pool = pool
        self._client = client
        self._installer = installer
        self._servers = servers
        self._forget = forget

    @activity.defn(name="plugins.reserve")
    async def reserve(self, request: InstallRequest) -> None:
        source = parse(request.source)
        if not request.admin and (request.everybody or source.kind == "command"):
            what = "for everybody" if request.everybody else "a command of this machine"
            raise UserError(f"Only an administrator may install {what}.")
        if await plugins.get(self._pool, request.plugin_id) is not None:
            return  # an attempt before this one did it
        name = checked_name(request.name) if request.name else default_name(source)
        found = await plugins.find(self._pool, request.owner, name)
        if found is not None and found.state == "failed" and found.owner == request.owner:
            await self._delete(found)  # what did not come to be makes room for the next try
        plugin = Plugin(
            id=request.plugin_id, owner=request.owner, name=name, kind=source.kind, source=request.source,
            installed_by=request.user_id,
        )  # fmt: skip
        own = [each for each in await plugins.of_person(self._pool, request.owner) if each.owner == request.owner]
        if len(own) >= MOST:
            raise UserError(f"There are {MOST} plugins already, which is the limit. Please uninstall one first.")
        if not await plugins.add(self._pool, plugin):
            raise UserError(
                f"There is a plugin named {name} already. Uninstall it first (/clara mcp uninstall {name}), or give "
                "this one another name."
            )

    @activity.defn(name="plugins.resolve")
    async def resolve(self, request: InstallRequest) -> Pinned:
        return await self._installer.resolve(request)

    @activity.defn(name="plugins.install")
    async def install(self, step: InstallStep) -> Pinned:
        assert step.pinned is not None, "a step before it pins what is installed"
        return await self._installer.install(step.request.plugin_id, step.pinned)

    @activity.defn(name="plugins.record")
    async def record(self, step: InstallStep) -> PluginOutcome:
        request = step.request
        assert step.pinned is not None, "a step before it pins what is installed"
        plugin = await plugins.get(self._pool, request.plugin_id)
        if plugin is None:
            raise UserError("It was uninstalled meanwhile.")
        said = ""
        if plugin.state == "installing":
            said = await self._probed(plugin.model_copy(update={"launch": step.pinned.launch}), request.user_id)
        outcome = await self._outcome(plugin.id, said)
        if request.address is not None:
            await self._tell_installed(request)
        return outcome

    @activity.defn(name="plugins.undo")
    async def undo(self, request: UndoRequest) -> PluginOutcome:
        plugin_id = request.request.plugin_id
        plugin = await plugins.get(self._pool, plugin_id)
        if plugin is not None and plugin.state != "installing":
            return await self._outcome(plugin_id)
        await self._installer.delete(plugin_id)
        await plugins.remove(self._pool, plugin_id)
        if request.address is not None:
            text = telling.failed(request.request, request.reason)
            await notify(self._pool, self._client, telling.notice(request.request, request.address, text))
        return PluginOutcome(plugin_id=plugin_id, state="gone", sentence=request.reason)

    @activity.defn(name="plugins.refresh")
    async def refresh(self, request: PluginRequest) -> PluginOutcome:
        plugin = await plugins.get(self._pool, request.plugin_id)
        if plugin is None or plugin.state in ("installing", "removing"):
            return await self._outcome(request.plugin_id)
        said = await self._probed(plugin, request.user_id)
        return await self._outcome(plugin.id, said)

    @activity.defn(name="plugins.remove")
    async def remove(self, request: PluginRequest) -> PluginOutcome:
        plugin = await plugins.get(self._pool, request.plugin_id)
        if plugin is not None:
            await self._delete(plugin)
        return PluginOutcome(plugin_id=request.plugin_id, state="gone")

    @activity.defn(name="plugins.search")
    async def search(self, request: SearchRequest) -> Hits:
        return Hits(hits=tuple(await self._installer.search(request.query)))

    async def run(self) -> None:
        """Deletes what is left on the disk of plugins that are gone, until it is cancelled."""
        while True:
            try:
                await self._tidy()
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("what is left of plugins was not tidied up: %s", str(error) or type(error).__name__)
            await asyncio.sleep(TIDIED_S)

    async def _tidy(self) -> None:
        there = await self._installer.there()  # before the store is asked: a folder comes after its row
        known = {plugin.id: plugin.state for plugin in await plugins.everything(self._pool)} if there else {}
        for plugin_id in there:
            await self._installer.tidy(plugin_id, known.get(plugin_id))

    async def _probed(self, plugin: Plugin, user_id: str) -> str:
        """Keep what a server has, and whether it starts; returns its last words where it does not."""
        installing = plugin.state == "installing"
        try:
            found = await self._servers.probe(plugin, user_id)
        except ClaraError as error:
            if isinstance(error, Unavailable) and activity.info().attempt < STARTS:
                raise
            said = str(getattr(error, "said", ""))[-SAID_LIMIT:]
            fault = f"{str(error).rstrip('.')}. {_next(plugin)}"
            state = "failed" if plugin.state in ("installing", "ready", "failed") else plugin.state
            await plugins.change(
                self._pool, plugin.id, state=state, launch=plugin.launch if installing else None, fault=fault
            )
            return said
        await plugins.record_tools(self._pool, plugin.id, found.tools)
        state = "ready" if plugin.state in ("installing", "failed") else plugin.state
        await plugins.change(self._pool, plugin.id, state=state, launch=plugin.launch if installing else None, fault="")
        return ""

    async def _outcome(self, plugin_id: str, said: str = "") -> PluginOutcome:
        plugin = await plugins.get(self._pool, plugin_id)
        if plugin is None:
            return PluginOutcome(plugin_id=plugin_id, state="gone", sentence="It is not installed.")
        tools = [tool for tool in await plugins.tools_of(self._pool, [plugin_id]) if tool.present]
        return PluginOutcome(
            plugin_id=plugin_id, state=plugin.state, sentence=plugin.fault, said=said, tools=len(tools)
        )

    async def _tell_installed(self, request: InstallRequest) -> None:
        plugin = await plugins.get(self._pool, request.plugin_id)
        assert request.address is not None
        if plugin is not None:
            tools = [tool for tool in await plugins.tools_of(self._pool, [plugin.id]) if tool.present]
            text = telling.installed(plugin, tools)
            await notify(self._pool, self._client, telling.notice(request, request.address, text))

    async def _delete(self, plugin: Plugin) -> None:
        """End and delete a plugin, in an order in which every step can be done again."""
        await plugins.change(self._pool, plugin.id, state="removing")
        try:
            await self._client.get_workflow_handle(install_id(plugin.id)).cancel(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise Unavailable("Temporal does not answer", kind="temporal") from error
        await self._servers.stop(plugin.id)
        await self._forget(plugin.id)
        await self._installer.delete(plugin.id)
        await plugins.remove(self._pool, plugin.id)


def _next(plugin: Plugin) -> str:
    """What to do about a server that does not start, after what its fault says."""
    again = f"/clara mcp refresh {plugin.name} tries again"
    if not plugin.is_local:  # whose faults say how to connect
        return f"After that, {again}."
    return f"If it needs a value, such as a key, set it with /clara mcp set {plugin.name} VARIABLE; then {again}."
