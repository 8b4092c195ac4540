"""Projects and their teams."""

from typing import Any

from activities.azure import markdown
from activities.azure.arguments import InProject, Paged
from activities.azure.asking import Asking
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.material import written
from clara.tools.provenance import Provenance

DESCRIPTION_LIMIT = 300


class ListProjects(Paged):
    pass


class ListTeams(InProject, Paged):
    mine: bool = False


class _Projects:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_projects(self, asked: ListProjects, context: Context) -> ToolOutput:
        organization = await self._ask.organization(context)
        found = (await organization.read("_apis/projects", query=asked.paging)).listed
        lines = [
            f"- {link(each['name'], organization.link(each['name']))}"
            + facts(each.get("visibility", ""), f"changed {markdown.day(each.get('lastUpdateTime'))}")
            + _described(each)
            for each in found
        ]
        return markdown.listed("the projects", lines, markdown.next_page(asked.page, len(found) == asked.per_page))

    async def list_teams(self, asked: ListTeams, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        organization = await self._ask.organization(context)
        query = asked.paging | {"$mine": asked.mine or None}
        found = (await organization.read("_apis/projects", place.project, "teams", query=query)).listed
        lines = [f"- **{markdown.line(each['name'])}**{_described(each)}" for each in found]
        more = markdown.next_page(asked.page, len(found) == asked.per_page)
        return markdown.listed(f"the teams of {place.project}", lines, more)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    projects = _Projects(ask)
    return (
        Tool(
            "ado_list_projects", "List the projects of the person's Azure DevOps organization.", ListProjects,
            projects.list_projects, provenance=Provenance.OTHERS, view=lambda asked: "the projects",
        ),
        Tool(
            "ado_list_project_teams", "List the teams of an Azure DevOps project, or those that the person is in.",
            ListTeams, projects.list_teams,
            provenance=Provenance.OTHERS, view=lambda asked: f"the teams of {asked.where}",
        ),
    )  # fmt: skip


def _described(found: dict[str, Any]) -> str:
    described = markdown.line(written(found.get("description"), DESCRIPTION_LIMIT), DESCRIPTION_LIMIT)
    return f": {described}" if described else ""
