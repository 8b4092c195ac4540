"""What a server says of its tools, bounded: any server may say anything."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clara.errors import Unavailable
from clara.plugins.plugin import Plugin, PluginTool
from clara.plugins.trust import as_shown

if TYPE_CHECKING:
    from mcp import Client

log = logging.getLogger(__name__)

PAGES = 20
TOOLS = 200
NAME_LIMIT = 128
DESCRIPTION_LIMIT = 8_000
"""Characters. A tool with a longer one is left out, since a shortened one would not be what was approved."""

SCHEMA_LIMIT = 64_000
"""Characters as JSON."""


async def tools_of(client: "Client", plugin: Plugin) -> list[PluginTool]:
    """All tools of a connected server, in its order; those that are beyond any measure are left out."""
    found: dict[str, PluginTool] = {}
    if client.server_capabilities.tools is None:
        return []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            annotations = tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
            description = tool.description or tool.title or ""
            made = _made(plugin, tool.name, description, dict(tool.input_schema), annotations)
            if made is not None and len(found) < TOOLS:
                found.setdefault(made.name, made)
        cursor = page.next_cursor
        if not cursor or len(found) >= TOOLS:
            return list(found.values())
    raise Unavailable(f"The plugin {plugin.name} does not come to the end of its list of tools.", "garbled")


def _made(
    plugin: Plugin, name: str, description: str, parameters: Mapping[str, Any], hints: Mapping[str, Any]
) -> PluginTool | None:
    if not _can_be_kept(name, description, parameters, hints):
        log.warning("a tool of the plugin %s (%s) is left out: it cannot be kept", plugin.name, plugin.id)
        return None
    return PluginTool(plugin_id=plugin.id, name=name, description=description, parameters=parameters, hints=hints)


def _can_be_kept(name: str, description: str, parameters: Mapping[str, Any], hints: Mapping[str, Any]) -> bool:
    try:
        schema = json.dumps([parameters, hints], ensure_ascii=False, allow_nan=False)
        "".join((name, description, schema)).encode()
    except (ValueError, RecursionError):
        return False
    if not name or "\0" in name or "\0" in description or "\\u0000" in schema:  # what Postgres does not take
        return False
    return len(name) <= NAME_LIMIT and len(description) <= DESCRIPTION_LIMIT and len(schema) <= SCHEMA_LIMIT


def differ(before: Sequence[PluginTool], now: Sequence[PluginTool]) -> bool:
    """Whether what is kept of a server's tools is not what it says now."""
    kept = {tool.name: as_shown(tool) for tool in before if tool.present}
    return kept != {tool.name: as_shown(tool) for tool in now}


def changed(before: Sequence[PluginTool], now: Sequence[PluginTool]) -> frozenset[str]:
    """Names of tools that are not any more what somebody said yes to."""
    approved = {tool.name: tool.approved for tool in before if tool.approved is not None}
    return frozenset(
        tool.name
        for tool in now
        if tool.name in approved
        and any(approved[tool.name].get(part) != shown for part, shown in as_shown(tool).items())
    )
