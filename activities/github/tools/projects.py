"""Projects (the boards and tables of users and organizations), by GraphQL."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from activities.github import queries
from activities.github.arguments import Number, Owner, PerPage, Repo
from activities.github.asking import Asking
from activities.github.beforehand import beforehand
from activities.github.graphql import NotThere
from activities.github.markdown import projects as markdown
from activities.github.results import listed, others
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

VALUE_LIMIT = 1_000
"""Characters; GitHub's limit for a text is 1,024."""

Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=_:-]+$", max_length=300)]
ItemId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_=-]+$", max_length=100)]


class Onward(Arguments):
    """GraphQL reads on from a cursor, not by number."""

    per_page: PerPage = 30
    after: Cursor | None = Field(None, description="to read on: what the page before has told")


class ListProjects(Onward):
    owner: Owner


class OneProject(Arguments):
    owner: Owner
    project: Number = Field(description="its number")

    @property
    def name(self) -> str:
        return f"project {self.project} of {self.owner}"

    @property
    def variables(self) -> dict[str, Any]:
        return {"owner": self.owner, "number": self.project}


class ListItems(OneProject, Onward):
    pass


class AddItem(OneProject):
    repo_owner: Owner
    repo: Repo
    number: Number = Field(description="of the issue or pull request")


class OneItem(OneProject):
    item_id: ItemId = Field(description="as github_list_project_items has shown it")


class SetField(OneItem):
    field: str = Field(min_length=1, max_length=200, description="its name, such as Status")
    value: Annotated[str, Field(max_length=VALUE_LIMIT)] | None = Field(
        description="text, number, date (2026-01-31), or the name of an option or an iteration; null empties the field"
    )


class _Projects:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_projects(self, asked: ListProjects, context: Context) -> ToolOutput:
        variables = {"owner": asked.owner, "first": asked.per_page, "after": asked.after}
        found = _owner(await self._ask.graphql(context, queries.LIST_PROJECTS, **variables))["projectsV2"]
        return _listed(found, markdown.line, f"the projects of {asked.owner}")

    async def get(self, asked: OneProject, context: Context) -> ToolOutput:
        found = _project(await self._ask.graphql(context, queries.PROJECT, **asked.variables))
        return others(asked.name, markdown.whole(found))

    async def fields(self, asked: OneProject, context: Context) -> ToolOutput:
        found = _project(await self._ask.graphql(context, queries.FIELDS, **asked.variables))
        return listed(map(markdown.field, found["fields"]["nodes"]), 1, False, f"the fields of {asked.name}")

    async def items(self, asked: ListItems, context: Context) -> ToolOutput:
        variables = {**asked.variables, "first": asked.per_page, "after": asked.after}
        found = _project(await self._ask.graphql(context, queries.ITEMS, **variables))["items"]
        return _listed(found, markdown.item, f"the items of {asked.name}")

    async def add(self, asked: AddItem, context: Context) -> str:
        content = {"repositoryOwner": asked.repo_owner, "repository": asked.repo, "content": asked.number}
        with beforehand():
            found = await self._ask.graphql(context, queries.PROJECT_AND_CONTENT, **asked.variables, **content)
        project = _project(found)
        subject = (found.get("repository") or {}).get("issueOrPullRequest")
        if not subject:
            raise ToolFailed(f"There is no issue or pull request {asked.repo_owner}/{asked.repo}#{asked.number}.")
        ids = {"projectId": project["id"], "contentId": subject["id"]}
        added = await self._ask.graphql(context, queries.ADD, input=ids)
        item_id = added["addProjectV2ItemById"]["item"]["id"]
        return f"{asked.repo_owner}/{asked.repo}#{asked.number} is in the project, as item {item_id}: {project['url']}"

    async def set_field(self, asked: SetField, context: Context) -> str:
        project = await self._before(asked, context)
        field = _chosen(project["fields"]["nodes"], "name", asked.field, "field")
        ids = {"projectId": project["id"], "itemId": asked.item_id, "fieldId": field["id"]}
        if asked.value is None:
            await self._ask.graphql(context, queries.CLEAR, input=ids)
            return f"Emptied {asked.field} of the item: {project['url']}"
        await self._ask.graphql(context, queries.SET, input={**ids, "value": _value(field, asked.value)})
        return f"Set {asked.field} of the item to {asked.value}: {project['url']}"

    async def remove(self, asked: OneItem, context: Context) -> str:
        project = await self._before(asked, context)
        ids = {"projectId": project["id"], "itemId": asked.item_id}
        try:
            await self._ask.graphql(context, queries.REMOVE, input=ids)
        except NotThere:  # an earlier attempt may have removed it
            return f"There is no such item in the project, or no longer: {project['url']}"
        return f"Removed the item from the project: {project['url']}"

    async def _before(self, asked: OneProject, context: Context) -> Mapping[str, Any]:
        with beforehand():
            return _project(await self._ask.graphql(context, queries.FIELDS, **asked.variables))


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    projects = _Projects(ask)
    return (
        Tool(
            "github_list_projects", "List the projects of a GitHub user or organization.", ListProjects,
            projects.list_projects, provenance=Provenance.OTHERS, view=lambda asked: asked.owner,
        ),
        Tool(
            "github_get_project", "Read one project of GitHub: its description, readme and size.", OneProject,
            projects.get, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_get_project_fields", "List the fields of a GitHub project, with the options that they have.",
            OneProject, projects.fields, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_list_project_items",
            "List the issues, pull requests and drafts in a GitHub project, with the values of their fields.",
            ListItems, projects.items, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_add_item_to_project",
            "Put an issue or a pull request into a GitHub project. Where it is in it already, nothing changes.",
            AddItem, projects.add, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"put {asked.repo_owner}/{asked.repo}#{asked.number} into {asked.name}",
        ),
        Tool(
            "github_update_project_item_field",
            "Set a field of an item in a GitHub project, such as its status. Titles, assignees and labels are changed "
            "by github_update_issue.",
            SetField, projects.set_field, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=_view_set,
        ),
        Tool(
            "github_remove_item_from_project",
            "Take an item out of a GitHub project. The issue or pull request itself stays; a draft is lost.",
            OneItem, projects.remove, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"take item {asked.item_id} out of {asked.name}",
        ),
    )  # fmt: skip


def _named(asked: OneProject) -> str:
    return asked.name


def _view_set(asked: SetField) -> str:
    return f"set {asked.field} of item {asked.item_id} in {asked.name} to {asked.value or 'nothing'}"


def _owner(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where there is nobody of that name, GitHub answers null and no error."""
    found: Mapping[str, Any] | None = data.get("repositoryOwner")
    if not found:
        raise NotThere("GitHub has no user or organization of that name.")
    return found


def _project(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = _owner(data).get("projectV2")
    if not found:
        raise NotThere("GitHub has no such project, or the account may not see it. github_list_projects lists them.")
    return found


def _listed(found: Mapping[str, Any], line: Callable[[Mapping[str, Any]], str], where: str) -> ToolOutput:
    lines = [line(each) for each in found["nodes"] if each]
    if found["pageInfo"]["hasNextPage"]:
        lines.append(f"\nThere is more: call again with after={found['pageInfo']['endCursor']}")
    return listed(lines, 1, False, where)


def _chosen(found: Iterable[Any], key: str, wanted: str, what: str) -> Mapping[str, Any]:
    """By name; ToolFailed names those that there are."""
    known: dict[str, Mapping[str, Any]] = {str(each[key]).casefold(): each for each in found if each}
    if (chosen := known.get(wanted.strip().casefold())) is not None:
        return chosen
    raise ToolFailed(f"There is no {what} {wanted!r}. github_get_project_fields lists what there is.")


def _value(field: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    """A value as its field takes it."""
    match field["dataType"]:
        case "TEXT":
            return {"text": wanted}
        case "NUMBER":
            return {"number": _number(wanted)}
        case "DATE":
            return {"date": _date(wanted)}
        case "SINGLE_SELECT":
            return {"singleSelectOptionId": _chosen(field["options"], "name", wanted, "option")["id"]}
        case "ITERATION":
            iterations = field["configuration"]["iterations"]
            return {"iterationId": _chosen(iterations, "title", wanted, "iteration")["id"]}
    raise ToolFailed("That field belongs to the issue or pull request itself: github_update_issue changes it.")


def _number(wanted: str) -> float:
    try:
        number = float(wanted)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ToolFailed(f"{wanted!r} is not a number, which this field takes.")
    return number


def _date(wanted: str) -> str:
    try:
        return date.fromisoformat(wanted.strip()).isoformat()
    except ValueError:
        raise ToolFailed(f"{wanted!r} is not a date like 2026-01-31, which this field takes.") from None
