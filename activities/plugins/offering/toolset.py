"""What plugins have for one person: the tools that somebody said yes to, of everybody's plugins and their own.

No server has to run for that. What a server said of its tools is in the store, and is read again when it changed.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from activities.plugins.offering.calling import Calls
from activities.plugins.offering.made import made
from activities.tools.tool import Given, Tool
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming
from clara.plugins.names import alike, offered_name
from clara.plugins.plugin import Plugin, PluginTool
from clara.plugins.trust import why_off
from store import plugins
from store.database import Pool

NAME = "plugins"

OWN = "a tool of Clara's own"

MOST_KNOWN = 1_000
"""Plugins whose tools are kept in memory."""


@dataclass(frozen=True)
class _Known:
    """A plugin's tools as they were at one revision; ``made`` of those that were offered, by their name."""

    plugin: Plugin
    tools: tuple[PluginTool, ...]
    made: dict[tuple[str, str], Tool[Given]]


class PluginTools:
    """``own`` gives the names of Clara's own tools, which no plugin's may be taken for."""

    def __init__(self, pool: Pool, servers: Calls | None, own: Callable[[], Collection[str]]) -> None:
        self._pool = pool
        self._servers = servers
        self._own = own
        self._known: dict[str, _Known] = {}

    async def offer(self, message: Incoming) -> Offering:
        enabled = [each for each in await plugins.of_person(self._pool, message.user.id) if each.state == "enabled"]
        if not enabled:
            return Offering(())
        await self._learn(enabled)
        taken = {alike(name): OWN for name in self._own()}
        tools: dict[str, Tool[Given]] = {}
        missing: dict[str, str] = {}
        parts: dict[str, str] = {}
        names: set[str] = set()
        for plugin in enabled:
            known = self._known[plugin.id]
            salt = plugin.id if plugin.name in names else ""
            names.add(plugin.name)
            on = {}
            for tool in known.tools:
                name = offered_name(plugin.name, tool.name, salt)
                if why := why_off(tool, taken):
                    missing[name] = f"it is off, because {why}; an administrator can look at it and say yes"
                    continue
                on[alike(tool.name)] = f"a tool of the plugin {plugin.name}"
                if (tool.name, name) not in known.made:
                    known.made[tool.name, name] = made(self._pool, self._servers, plugin, tool, name)
                tools[name], parts[name] = known.made[tool.name, name], plugin.name
            taken = {**on, **taken}
        return Offering(tuple(tools.values()), missing, parts)

    async def _learn(self, enabled: list[Plugin]) -> None:
        """Read the tools of those that are new or have changed."""
        changed = [each for each in enabled if (known := self._known.get(each.id)) is None or known.plugin != each]
        if not changed:
            return
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
            changed = enabled
        found = await plugins.tools_of(self._pool, [each.id for each in changed])
        for plugin in changed:
            tools = tuple(tool for tool in found if tool.plugin_id == plugin.id and tool.present)
            self._known[plugin.id] = _Known(plugin, tools, {})


def toolset(pool: Pool, servers: Calls | None, own: Callable[[], Collection[str]]) -> Toolset:
    return Toolset(NAME, PluginTools(pool, servers, own).offer)
