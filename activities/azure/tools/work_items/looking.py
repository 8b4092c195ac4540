"""Finding and reading work items."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.azure import markdown, wiql
from activities.azure.arguments import InProject, Name, Number, Page, Paged, PerPage, Word
from activities.azure.asking import Asking, Place
from activities.azure.markdown import facts, link
from activities.azure.tools.search import searched
from activities.azure.tools.work_items import shown
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

COMMENTS = 20
COMMENTS_VERSION = "7.1-preview.4"

MINE_LIMIT = 50

OVER = ("Closed", "Done", "Completed", "Removed", "Inactive")
"""States of the processes that Azure DevOps brings along in which nothing is left to do."""


class GetWorkItem(Arguments):
    number: Number
    comments: bool = Field(True, description="also the last 20 comments")


class ListWorkItems(InProject):
    numbers: list[Number] = Field([], max_length=100, description="these, in place of a search by what follows")
    type: Word | None = Field(None, description="such as Bug, Task, User Story")
    states: list[Word] = Field([], max_length=10, description="one of these, such as New, Active, Closed")
    assigned_to: Word | None = Field(None, description="a name or mail address; @me is the person")
    created_by: Word | None = Field(None, description="a name or mail address; @me is the person")
    title: Word | None = Field(None, description="words that the title has")
    tag: Word | None = None
    area: Word | None = Field(None, description="a path such as Fabrikam\\Web, and all below it")
    iteration: Word | None = Field(None, description="a path such as Fabrikam\\Sprint 3, and all below it")
    changed_within_days: int | None = Field(None, ge=1, le=3650)
    page: Page = 1
    per_page: PerPage = 30


class SearchWorkItems(Paged):
    query: Word = Field(description='words; "…" for a phrase, * for any ending, t:Bug s:Active a:Name narrow it')
    project: Name | None = Field(None, description="without it all projects")


class MyWorkItems(Arguments):
    limit: int = Field(30, ge=1, le=MINE_LIMIT)
    with_closed: bool = False


class _Looking:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def get(self, asked: GetWorkItem, context: Context) -> ToolOutput:
        organization = await self._ask.organization(context)
        found = (await organization.read("_apis/wit/workitems", asked.number, query={"$expand": "all"})).data
        text = shown.whole(organization, found)
        if asked.comments and found["fields"].get("System.CommentCount"):
            project = str(found["fields"]["System.TeamProject"])
            said = (
                await organization.read(
                    project, "_apis/wit/workItems", asked.number, "comments",
                    query={"$top": COMMENTS, "order": "desc"}, version=COMMENTS_VERSION,
                )
            ).data  # fmt: skip
            text += shown.comments(said["comments"], said.get("totalCount", 0))
        return markdown.others(f"work item {asked.number}", text)

    async def list(self, asked: ListWorkItems, context: Context) -> ToolOutput:
        if asked.numbers:
            organization = await self._ask.organization(context)
            return markdown.listed("some work items", await _read(organization, asked.numbers))
        place = await self._ask.project(context, asked.project)
        conditions = [wiql.in_this_project(), *_conditions(asked, context)]
        begin = (asked.page - 1) * asked.per_page
        found = await find(place, wiql.query(conditions, "System.ChangedDate"), begin + asked.per_page + 1)
        organization = await self._ask.organization(context)
        lines = await _read(organization, found[begin : begin + asked.per_page])
        more = markdown.next_page(asked.page, len(found) > begin + asked.per_page)
        return markdown.listed(f"the work items of {place.project}", lines, more)

    async def mine(self, asked: MyWorkItems, context: Context) -> ToolOutput:
        organization = await self._ask.organization(context)
        conditions = [wiql.is_me("System.AssignedTo")]
        if not asked.with_closed:
            conditions.append(wiql.one_of("System.State", OVER, but=True))
        found = await find(organization, wiql.query(conditions, "System.ChangedDate"), asked.limit + 1)
        lines = await _read(organization, found[: asked.limit])
        more = "There are more." if len(found) > asked.limit else ""
        return markdown.listed("the work items of the person", lines, more)

    async def search(self, asked: SearchWorkItems, context: Context) -> ToolOutput:
        organization = await self._ask.organization(context)
        place = await self._ask.project(context, asked.project) if asked.project else organization
        body = {"searchText": asked.query, **asked.paging, "filters": {}, "includeFacets": False}
        data = (await place.read("_apis/search/workitemsearchresults", body=body, search=True)).data
        lines = []
        for each in data["results"]:
            fields = each["fields"]
            number, project = fields.get("system.id"), (each.get("project") or {}).get("name") or ""
            name = f"#{number} {fields.get('system.title') or ''}"
            lines.append(
                f"- {link(name, shown.address(organization, number, project))}"
                + facts(
                    markdown.line(fields.get("system.workitemtype")),
                    markdown.line(fields.get("system.state")),
                    f"assigned to {markdown.person(fields.get('system.assignedto'))}",
                    markdown.line(project),
                )
            )
        more = markdown.next_page(asked.page, data["count"] > asked.page * asked.per_page)
        return markdown.listed("a search for work items", lines, searched(data, more))


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    looking = _Looking(ask)
    return (
        Tool(
            "ado_get_work_item", "Read one work item of Azure DevOps: its fields, description, links and comments.",
            GetWorkItem, looking.get, provenance=Provenance.OTHERS, view=lambda asked: f"#{asked.number}",
        ),
        Tool(
            "ado_list_work_items",
            "List work items of an Azure DevOps project by type, state, person, title, tag, area or iteration, last "
            "changed first; or those of given numbers.",
            ListWorkItems, looking.list, provenance=Provenance.OTHERS, view=_view_list,
        ),
        Tool(
            "ado_my_work_items", "List the work items of Azure DevOps assigned to the person, in all projects.",
            MyWorkItems, looking.mine, provenance=Provenance.OTHERS, view=lambda asked: "those of the person",
        ),
        Tool(
            "ado_search_work_items", "Search the text of work items in Azure DevOps, also descriptions and comments.",
            SearchWorkItems, looking.search, provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
    )  # fmt: skip


async def find(place: Place, query: str, limit: int, exact: bool = False) -> list[int]:
    """The numbers of the work items that a query finds. With ``exact`` its times count to the second."""
    options = {"$top": limit, "timePrecision": exact or None}
    data = (await place.read("_apis/wit/wiql", query=options, body={"query": query})).data
    return [int(each["id"]) for each in data["workItems"]]


async def read(organization: Place, numbers: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
    """In the order of the numbers; without those that are not there. At most 200 at once."""
    if not numbers:
        return []
    body = {"ids": list(numbers), "fields": list(fields), "errorPolicy": "omit"}
    data = (await organization.read("_apis/wit/workitemsbatch", body=body)).data
    by_number = {each["id"]: each for each in data["value"] if each}
    return [by_number[number] for number in numbers if number in by_number]


async def _read(organization: Place, numbers: Sequence[int]) -> list[str]:
    found = await read(organization, numbers, shown.FIELDS)
    return [f"- {shown.line(organization, {'System.Id': each['id'], **each['fields']})}" for each in found]


def _conditions(asked: ListWorkItems, context: Context) -> list[wiql.Condition]:
    found = []
    for field, value in (
        ("System.WorkItemType", asked.type),
        ("System.AssignedTo", asked.assigned_to),
        ("System.CreatedBy", asked.created_by),
    ):
        if value is not None:
            found.append(wiql.is_me(field) if value.lower() == wiql.ME else wiql.equals(field, value))
    found += [wiql.one_of("System.State", asked.states)] if asked.states else []
    found += [wiql.contains("System.Title", asked.title)] if asked.title else []
    found += [wiql.contains("System.Tags", asked.tag)] if asked.tag else []
    found += [wiql.under("System.AreaPath", asked.area)] if asked.area else []
    found += [wiql.under("System.IterationPath", asked.iteration)] if asked.iteration else []
    if asked.changed_within_days is not None:
        found.append(wiql.since_day("System.ChangedDate", context.now - timedelta(days=asked.changed_within_days)))
    return found


def _view_list(asked: ListWorkItems) -> str:
    if asked.numbers:
        return ", ".join(f"#{each}" for each in asked.numbers)
    chosen = asked.model_dump(exclude={"project", "numbers", "page", "per_page"}, exclude_defaults=True)
    return "; ".join([asked.where, *(f"{name}: {value}" for name, value in chosen.items())])
