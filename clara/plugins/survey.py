"""The plugins of one person, each tool with whether it is on, as lists and questions show them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clara.errors import UserError
from clara.plugins import trust
from clara.plugins.hints import Nature, nature
from clara.plugins.names import alike, offered_name
from clara.plugins.plugin import EVERYBODY, Plugin, PluginTool
from clara.tools import own

OWN: trust.Taken = {alike(name): "a tool of Clara's own" for name in own.NAMES}


@dataclass(frozen=True)
class Standing:
    """One tool. ``off`` says why it is not offered, ``warnings`` what to look at before a yes."""

    tool: PluginTool
    called: str
    nature: Nature
    off: str
    unfit: str
    warnings: tuple[str, ...]
    beside: tuple[str, ...]
    """Whose tools of the same name were there before."""


@dataclass(frozen=True)
class Surveyed:
    plugin: Plugin
    tools: tuple[Standing, ...]
    """Those that its server has."""

    @property
    def is_everybodys(self) -> bool:
        return self.plugin.owner == EVERYBODY

    @property
    def on(self) -> list[Standing]:
        return [each for each in self.tools if not each.off] if self.plugin.state == "enabled" else []

    @property
    def waiting(self) -> list[Standing]:
        """Those that a yes would switch on."""
        return [each for each in self.tools if each.off and not each.unfit]

    @property
    def mark(self) -> str:
        """Names what is shown of its tools, so that a yes is to that and to nothing else."""
        shown = [[each.tool.name, trust.as_shown(each.tool), each.beside, each.nature.in_words] for each in self.tools]
        text = json.dumps([self.plugin.id, shown], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]

    @property
    def beside(self) -> Mapping[str, Sequence[str]]:
        return {each.tool.name: each.beside for each in self.tools}


def of_plugin(plugin: Plugin) -> str:
    """Whose tools its are, as people say it."""
    return f"a tool of the plugin {plugin.name}"


def survey(found: Sequence[Plugin], tools: Sequence[PluginTool]) -> list[Surveyed]:
    """``found`` in the order in which they may take names: everybody's first, the oldest first."""
    taken = dict(OWN)
    names: set[str] = set()
    surveyed = []
    for plugin in found:
        salt = plugin.id if plugin.name in names and plugin.state == "enabled" else ""
        its = [each for each in tools if each.plugin_id == plugin.id and each.present]
        made = Surveyed(plugin, tuple(_standing(plugin, each, taken, salt) for each in its))
        surveyed.append(made)
        if plugin.state == "enabled":
            names.add(plugin.name)
            taken = {**{alike(each.tool.name): of_plugin(plugin) for each in made.on}, **taken}
    return surveyed


def named(surveyed: Sequence[Surveyed], name: str) -> Surveyed:
    """The one that a person means, by its name or its id; UserError where they have none of it."""
    wanted = name.strip().lower()
    for each in surveyed:
        if wanted in (each.plugin.name, each.plugin.id):
            return each
    if not wanted:
        raise UserError("Please say which plugin.")
    known = ", ".join(each.plugin.name for each in surveyed)
    raise UserError(f"You have no plugin {name!r}. " + (f"There are: {known}." if known else "There are none yet."))


def _standing(plugin: Plugin, tool: PluginTool, taken: trust.Taken, salt: str) -> Standing:
    other = trust.shadowed(tool, taken)
    return Standing(
        tool=tool,
        called=offered_name(plugin.name, tool.name, salt),
        nature=nature(plugin.launch, tool.hints),
        off=trust.why_off(tool, taken),
        unfit=trust.unfit(tool),
        warnings=tuple(trust.warnings(tool, taken)),
        beside=(other,) if other else (),
    )
