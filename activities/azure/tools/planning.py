"""Iterations: those of a project, and those that a team works in."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import InProject, Name
from activities.azure.asking import Asking, Place
from activities.azure.markdown import facts
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

DEPTH = 5
SHOWN = 500


class ListTeamIterations(InProject):
    team: Name | None = Field(None, description="name or id; without it the project's default team")
    current: bool = Field(False, description="only the one of today")


class _Planning:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def iterations(self, asked: InProject, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        root = (await place.read("_apis/wit/classificationnodes/iterations", query={"$depth": DEPTH})).data
        lines = list(_tree(root))
        more = f"{len(lines) - SHOWN} more are not shown." if len(lines) > SHOWN else ""
        return markdown.listed(f"the iterations of {place.project}", lines[:SHOWN], more)

    async def team_iterations(self, asked: ListTeamIterations, context: Context) -> ToolOutput:
        place: Place = await self._ask.project(context, asked.project)
        team = (asked.team,) if asked.team else ()
        query = {"$timeframe": "current" if asked.current else None}
        found = (await place.read(*team, "_apis/work/teamsettings/iterations", query=query)).listed
        lines = [
            f"- {markdown.line(each.get('path') or each['name'])}"
            + facts(_dates(each), markdown.line((each.get("attributes") or {}).get("timeFrame")))
            for each in found
        ]
        whose = asked.team or "the default team"
        return markdown.listed(f"the iterations of {whose} in {place.project}", lines)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    planning = _Planning(ask)
    return (
        Tool(
            "ado_list_iterations", "List the iterations (sprints) of an Azure DevOps project, with their dates.",
            InProject, planning.iterations,
            provenance=Provenance.OTHERS, view=lambda asked: f"the iterations of {asked.where}",
        ),
        Tool(
            "ado_list_team_iterations",
            "List the iterations (sprints) that a team of Azure DevOps works in, or the current one.",
            ListTeamIterations, planning.team_iterations,
            provenance=Provenance.OTHERS, view=lambda asked: f"{asked.team or 'the default team'} of {asked.where}",
        ),
    )  # fmt: skip


def _tree(node: dict[str, Any], above: str = "") -> Iterator[str]:
    """As a path that a work item can be given."""
    path = f"{above}\\{node['name']}" if above else str(node["name"])
    yield f"- {markdown.line(path)}{facts(_dates(node))}"
    for each in node.get("children") or []:
        yield from _tree(each, path)


def _dates(found: dict[str, Any]) -> str:
    given = found.get("attributes") or {}
    begin, end = markdown.day(given.get("startDate")), markdown.day(given.get("finishDate"))
    return f"{begin} to {end}" if begin and end else ""
