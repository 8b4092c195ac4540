"""Plugins that are in the store, as after an installation."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from clara.plugins.plugin import Launch, Plugin, PluginTool, State
from store import plugins
from store.database import Pool

REMOTE = Launch(url="https://mcp.example/mcp", secrets=("API_KEY",))
CONTAINED = Launch(command=("node", "x.js"))
SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}, "many": {"type": "integer"}}}


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[None]:
    """Within the block there are only the plugins that it installs, and after it none: some are everybody's."""
    await _remove_all(pool)
    try:
        yield
    finally:
        await _remove_all(pool)


async def _remove_all(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from plugins")


def a_tool(name: str = "search", **more: Any) -> PluginTool:
    return PluginTool(**{"plugin_id": "", "name": name, "description": "Searches.", "parameters": SCHEMA, **more})


async def plugin(
    pool: Pool,
    owner: str,
    *tools: PluginTool,
    name: str = "exa",
    yes: bool = True,
    state: State = "enabled",
    launch: Launch = REMOTE,
) -> Plugin:
    """With ``yes`` somebody has said yes to its tools as they are."""
    id = secrets.token_hex(8)
    made = Plugin(
        id=id, owner=owner, name=name, kind="http", source="https://mcp.example/mcp", launch=launch, state=state,
        installed_by="cli:olga",
    )  # fmt: skip
    assert await plugins.add(pool, made)
    await plugins.record_tools(pool, id, tools or [a_tool()])
    if yes:
        await plugins.approve_tools(pool, id, await plugins.tools_of(pool, [id]))
    return made
