"""What people are told of an installation that has ended, in Clara's own words.

No word of a server gets in but the names of its tools, and only those that look like names: what is told stands in
the conversation afterwards, as something that Clara has said.
"""

import re
from collections.abc import Sequence

from clara.notices import Notice
from clara.plugins.plugin import EVERYBODY, Plugin, PluginTool
from clara.plugins.requests import Address, InstallRequest

SHOWN = 20
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def installed(plugin: Plugin, tools: Sequence[PluginTool]) -> str:
    """What was installed and what it has, and what to do next."""
    whose = "for everybody" if plugin.owner == EVERYBODY else "for you"
    version = f", version {plugin.launch.version}" if plugin.launch.version else ""
    if plugin.fault:
        return (
            f"The plugin **{plugin.name}** is installed {whose} (`{plugin.source}`{version}), and cannot be used yet: "
            f"{plugin.fault}"
        )
    names = [f"`{tool.name}`" for tool in tools if _PLAIN.fullmatch(tool.name)]
    more = len(tools) - len(names[:SHOWN])
    listed = ", ".join(names[:SHOWN]) + (f" and {more} more" if more else "")
    has = f"It has {len(tools)} tools: {listed}." if tools else "It has no tools."
    return (
        f"The plugin **{plugin.name}** is installed {whose} (`{plugin.source}`{version}). {has}\n\n"
        f"Nothing of it is used before somebody says yes. `/clara mcp tools {plugin.name}` shows what each does by its "
        f"own account, and `/clara mcp enable {plugin.name}` turns it on."
    )


def failed(request: InstallRequest, reason: str) -> str:
    return f"`{request.source}` was not installed: {reason}"


def notice(request: InstallRequest, address: Address, text: str) -> Notice:
    """One for each installation, however often it is told."""
    return Notice(
        key=f"plugin/{request.plugin_id}/installed", user_id=request.user_id,
        to=address.to, reply_to=address.reply_to, text=text,
    )  # fmt: skip
