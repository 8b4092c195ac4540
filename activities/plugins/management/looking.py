"""Looking at plugins: lists, what they do, what was used, and what could be installed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.plugins.management.desk import Desk
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.plugins import telling
from clara.tools.provenance import Provenance
from store import plugins
from temporal import queues
from temporal.starting import plugins as asking

SEARCH_LIMIT = timedelta(seconds=25)


class Nothing(Arguments):
    """No arguments."""


class Named(Arguments):
    name: str = Field(min_length=1, max_length=100, description="of the plugin, as mcp_list shows it")


class Search(Arguments):
    query: str = Field(min_length=1, max_length=200, description="a few words for what the server should do")


@dataclass(frozen=True)
class _Looking:
    desk: Desk

    async def list_(self, _: Nothing, context: Context) -> ToolOutput:
        surveyed = await self.desk.survey(context.user_id)
        blocks = [telling.listed(surveyed)]
        for each in surveyed:
            if each.on:
                blocks.append(f"Tools of {each.plugin.name}: {', '.join(standing.called for standing in each.on)}")
        return told("\n".join(blocks))

    async def status(self, _: Nothing, context: Context) -> ToolOutput:
        surveyed = await self.desk.survey(context.user_id)
        running = {each.plugin_id: each for each in await self.desk.running(context.user_id)}
        lines = []
        for each in surveyed:
            lines.append(telling.listed([each]))
            if each.plugin.state == "installing" and (doing := await asking.progress(self.desk.client, each.plugin.id)):
                lines.append(f"  {telling.one_line(doing)}")
            if server := running.get(each.plugin.id):
                lines.append(
                    f"  its server is {server.state} since {server.since:%Y-%m-%d %H:%M} UTC: {server.calls} calls"
                )
                lines += [f"  {telling.one_line(text)}" for text in (server.fault, server.said) if text]
        return told("\n".join(lines) or telling.NONE)

    async def tools_(self, asked: Named, context: Context) -> ToolOutput:
        each = await self.desk.named(context, asked.name)
        return told(f"{telling.can_do(each, telling.CHAT)}\n(shown_as: {each.mark})", each.plugin.name)

    async def search(self, asked: Search, context: Context) -> ToolOutput:
        found = await asking.search(self.desk.client, asked.query, context.key, SEARCH_LIMIT)
        if found is None:
            raise ToolFailed("The registry did not answer in time. Try again later.")
        if found.problem:
            raise ToolFailed(found.problem)
        return told(telling.found(found.hits), "the Smithery registry")

    async def usage(self, _: Nothing, context: Context) -> str:
        return telling.used(await plugins.totals(self.desk.pool, context.user_id))


def tools(desk: Desk) -> tuple[Tool[Any], ...]:
    do = _Looking(desk)
    others: dict[str, Any] = {"provenance": Provenance.OTHERS, "queue": queues.PLUGINS}
    return (
        Tool(
            "mcp_list",
            "List the MCP servers (plugins) that are installed, and their tools.",
            Nothing,
            do.list_,
            **others,
        ),
        Tool(
            "mcp_status",
            "See in detail what plugins are doing, and what is wrong with one.",
            Nothing,
            do.status,
            **others,
        ),
        Tool(
            "mcp_tools",
            "See what a plugin can do, what its tools count as, and what waits for somebody's yes.",
            Named,
            do.tools_,
            **others,
        ),
        Tool(
            "smithery_search",
            "Search the Smithery registry for MCP servers that could be installed.",
            Search,
            do.search,
            sends=lambda asked: (asked.query,),
            **others,
        ),
        Tool(
            "mcp_usage", "How often the person called which plugin in 30 days.", Nothing, do.usage, queue=queues.PLUGINS
        ),
    )


def told(text: str, of: str = "") -> ToolOutput:
    """Names and descriptions are words of those who made the plugins."""
    return ToolOutput(text, source=f"the plugin {of}" if of else "the list of plugins")
