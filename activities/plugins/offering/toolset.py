"""What plugins have for one person: the tools that somebody said yes to, of everybody's plugins and their own.

No server has to run for that. What a server said of its tools is in the store, and is read again when it changed.
"""

from dataclasses import dataclass

from activities.plugins.offering.asking import Notify
from activities.plugins.offering.calling import Calls
from activities.plugins.offering.made import made
from activities.tools.tool import Given, Tool
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming
from clara.plugins import trust
from clara.plugins.names import alike, offered_name
from clara.plugins.plugin import Plugin, PluginTool
from clara.plugins.survey import OWN, of_plugin
from store import plugins
from store.database import Pool

NAME = "plugins"

MOST_KNOWN = 1_000
"""Plugins whose tools are kept in memory."""


@dataclass(frozen=True)
class _Known:
    """A plugin's tools as they were at one revision, each with why it is off by itself.

    ``made`` has what was made of those that were offered, by their names.
    """

    plugin: Plugin
    tools: tuple[tuple[PluginTool, str], ...]
    made: dict[tuple[str, str], Tool[Given]]


class PluginTools:
    """``servers`` is None where plugins are served by another worker."""

    def __init__(self, pool: Pool, servers: Calls | None, notify: Notify) -> None:
        self._pool = pool
        self._notify = notify
        self._servers = servers
        self._known: dict[str, _Known] = {}

    async def offer(self, message: Incoming) -> Offering:
        enabled = [each for each in await plugins.of_person(self._pool, message.user.id) if each.state == "enabled"]
        if not enabled:
            return Offering(())
        await self._learn(enabled)
        taken = dict(OWN)
        tools: dict[str, Tool[Given]] = {}
        missing: dict[str, str] = {}
        parts: dict[str, str] = {}
        names: set[str] = set()
        for plugin in enabled:
            known = self._known[plugin.id]
            salt = plugin.id if plugin.name in names else ""
            names.add(plugin.name)
            on = {}
            for tool, fault in known.tools:
                name = offered_name(plugin.name, tool.name, salt)
                if why := fault or trust.shadow(tool, taken):
                    missing[name] = f"it is off, because {why}; an administrator can look at it and say yes"
                    continue
                on[alike(tool.name)] = of_plugin(plugin)
                if (tool.name, name) not in known.made:
                    known.made[tool.name, name] = made(self._pool, self._servers, self._notify, plugin, tool, name)
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
            tools = tuple((tool, trust.fault(tool)) for tool in found if tool.plugin_id == plugin.id and tool.present)
            self._known[plugin.id] = _Known(plugin, tools, {})


def toolset(pool: Pool, servers: Calls | None, notify: Notify) -> Toolset:
    return Toolset(NAME, PluginTools(pool, servers, notify).offer)
