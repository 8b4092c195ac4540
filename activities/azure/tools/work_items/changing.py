"""Making and changing work items, and commenting on them."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from activities.azure import wiql
from activities.azure.arguments import InProject, Line, Name, Number, Word
from activities.azure.asking import Asking, Place, before_any_change, begun_at
from activities.azure.html import to_html, to_markdown
from activities.azure.tools.work_items import looking, shown
from activities.azure.tools.work_items.looking import COMMENTS_VERSION
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ToolFailed
from clara.tools.marks import mark
from clara.tools.tool import Effect, Risk

TITLE_LIMIT = 255
TEXT_LIMIT = 60_000
"""Characters."""

LOOKED_AT = 50

PATCH = {"content-type": "application/json-patch+json"}

MARKDOWN_FIELDS = ("Microsoft.VSTS.TCM.SystemInfo", "Microsoft.VSTS.Common.AcceptanceCriteria")
"""Others than the description that hold HTML, and are given as Markdown."""

WITH_ARGUMENTS = ("System.Title", "System.AssignedTo", "System.History", shown.DESCRIPTION, shown.STEPS)
"""That have an argument or a tool of their own."""

OURS = "<!-- clara:"

_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise ValueError("must be the reference name of a field, such as Microsoft.VSTS.Common.Severity")
    return value


def _tag(value: str) -> str:
    if set(value) & {",", ";"}:
        raise ValueError("must be a single tag")
    return value


Tag = Annotated[Line, Field(min_length=1, max_length=100), AfterValidator(_tag)]
Text = Annotated[str, Field(max_length=TEXT_LIMIT, description="Markdown")]
Reference = Annotated[str, Field(max_length=128), AfterValidator(_reference)]
Value = Annotated[str, Field(max_length=TEXT_LIMIT)] | int | float | bool


class Fields(Arguments):
    """What both a new work item and a change may set."""

    assigned_to: Annotated[str, Field(max_length=256)] | None = Field(
        None, description="a name or mail address, @me for the person, empty for nobody"
    )
    state: Word | None = None
    priority: int | None = Field(None, ge=1, le=4)
    tags: list[Tag] | None = Field(None, max_length=20, description="in place of all that are there")
    area: Word | None = Field(None, description="a path such as Fabrikam\\Web")
    iteration: Word | None = Field(None, description="a path such as Fabrikam\\Sprint 3")
    fields: dict[Reference, Value] = Field(
        {}, max_length=20, description="others, by their reference names, such as Microsoft.VSTS.Scheduling.StoryPoints"
    )


class CreateWorkItem(InProject, Fields):
    type: Name = Field(description="such as Bug, Task, User Story, Issue")
    title: Annotated[Line, Field(min_length=1, max_length=TITLE_LIMIT)]
    description: Text = ""
    parent: Number | None = Field(None, description="the work item that it belongs to")


class UpdateWorkItem(Fields):
    number: Number
    title: Annotated[Line, Field(min_length=1, max_length=TITLE_LIMIT)] | None = None
    description: Text | None = Field(None, description="Markdown; in place of the whole description")

    @model_validator(mode="after")
    def _a_change(self) -> "UpdateWorkItem":
        if not self.model_dump(exclude={"number"}, exclude_defaults=True):
            raise ValueError("say what is to change")
        return self


class AddComment(Arguments):
    number: Number
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, description="Markdown")]


class _Changing:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def create(self, asked: CreateWorkItem, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        organization = await self._ask.organization(context)
        with before_any_change():
            changes = {"System.Title": asked.title, **await _set(asked, organization)}
        changes[_described_in(asked.type)] = f"{to_html(asked.description)}{mark(context.key)}"
        body = [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in changes.items()]
        if asked.parent:
            url = organization.link("_apis/wit/workItems", asked.parent)
            body.append({"op": "add", "path": "/relations/-", "value": {"rel": shown.PARENT, "url": url}})
        made = (await place.change("POST", "_apis/wit/workitems", f"${asked.type}", body=body, headers=PATCH)).data
        return _made(organization, made)

    async def was_created(self, asked: CreateWorkItem, context: Context) -> Verdict:
        """By the mark; where Azure DevOps did not keep it, by who made it, when, its type and its title."""
        place = await self._ask.project(context, asked.project)
        organization = await self._ask.organization(context)
        conditions = [
            wiql.in_this_project(),
            wiql.is_me("System.CreatedBy"),
            wiql.since("System.CreatedDate", begun_at(context)),
            wiql.equals("System.WorkItemType", asked.type),
        ]
        numbers = await looking.find(place, wiql.query(conditions, "System.CreatedDate"), LOOKED_AT, exact=True)
        field = _described_in(asked.type)
        wanted = ("System.Title", "System.TeamProject", field)
        found = await looking.read(organization, numbers, wanted)
        without = []
        for each in found:
            description = str(each["fields"].get(field) or "")
            if mark(context.key) in description:
                return Verdict("done", _made(organization, each))
            if OURS not in description and each["fields"].get("System.Title") == asked.title.strip():
                without.append(each)
        if len(without) == 1:
            return Verdict("done", _made(organization, without[0]))
        return Verdict("unknown" if without or len(numbers) == LOOKED_AT else "not_done")

    async def update(self, asked: UpdateWorkItem, context: Context) -> str:
        organization = await self._ask.organization(context)
        changes = await _set(asked, organization)
        changes |= {"System.Title": asked.title} if asked.title is not None else {}
        if asked.description is not None:
            kind = await _field(organization, asked.number, "System.WorkItemType")
            changes[_described_in(kind)] = to_html(asked.description)
        body = [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in changes.items()]
        answer = await organization.change("PATCH", "_apis/wit/workitems", asked.number, body=body, headers=PATCH)
        fields = answer.data["fields"]
        address = shown.address(organization, asked.number, str(fields.get("System.TeamProject") or ""))
        return f"Changed work item #{asked.number}, which is {fields.get('System.State')}: {address}"

    async def comment(self, asked: AddComment, context: Context) -> str:
        organization = await self._ask.organization(context)
        with before_any_change():
            project = await _project_of(organization, asked.number)
        body = {"text": f"{to_html(asked.text)}{mark(context.key)}"}
        inside = (project, "_apis/wit/workItems", asked.number, "comments")
        await organization.change("POST", *inside, body=body, version=COMMENTS_VERSION)
        return _commented(organization, asked, project)

    async def was_commented(self, asked: AddComment, context: Context) -> Verdict:
        """By the mark; where Azure DevOps did not keep it, by who wrote it, when, and its text."""
        organization = await self._ask.organization(context)
        project = await _project_of(organization, asked.number)
        query = {"$top": LOOKED_AT, "order": "desc"}
        inside = (project, "_apis/wit/workItems", asked.number, "comments")
        found = (await organization.read(*inside, query=query, version=COMMENTS_VERSION)).data["comments"]
        since = begun_at(context).strftime("%Y-%m-%dT%H:%M:%S")
        recent = [each for each in found if str(each.get("createdDate") or "") >= since]
        if any(mark(context.key) in str(each.get("text") or "") for each in recent):
            return Verdict("done", _commented(organization, asked, project))
        me = (await organization.me()).id
        text = to_markdown(to_html(asked.text))
        without = [
            each
            for each in recent
            if OURS not in str(each.get("text") or "")
            and (each.get("createdBy") or {}).get("id") == me
            and to_markdown(each.get("text")) == text
        ]
        if len(without) == 1:
            return Verdict("done", _commented(organization, asked, project))
        return Verdict("unknown" if without or len(recent) == LOOKED_AT else "not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    changing = _Changing(ask)
    return (
        Tool(
            "ado_create_work_item", "Make a work item in Azure DevOps. Others see it and may be notified.",
            CreateWorkItem, changing.create, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=changing.was_created,
            view=_view_create,
        ),
        Tool(
            "ado_update_work_item",
            "Change fields of a work item of Azure DevOps, such as its state or who it is assigned to. What is not "
            "given stays. Others may be notified.",
            UpdateWorkItem, changing.update, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD,
            view=lambda asked: f"change #{asked.number}: {_told(asked, {'number'})}",
        ),
        Tool(
            "ado_add_work_item_comment", "Comment on a work item of Azure DevOps. Others see it and may be notified.",
            AddComment, changing.comment, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=changing.was_commented,
            view=lambda asked: f"comment on #{asked.number}: {asked.text}",
        ),
    )  # fmt: skip


def _view_create(asked: CreateWorkItem) -> str:
    rest = _told(asked, {"project", "type", "title", "description"})
    said = f"{asked.title}: {asked.description}" if asked.description else asked.title
    return f"make a {asked.type} in {asked.where}{f' ({rest})' if rest else ''}: {said}"


def _told(asked: Fields, but: set[str]) -> str:
    changes = asked.model_dump(exclude=but, exclude_defaults=True)
    given = changes.pop("fields", {})
    return "; ".join(
        f"{name}: {', '.join(to) if isinstance(to, list) else to}" for name, to in {**changes, **given}.items()
    )


async def _set(asked: Fields, organization: Place) -> dict[str, Any]:
    """Fields by their reference names."""
    changes: dict[str, Any] = {}
    if asked.assigned_to is not None:
        changes["System.AssignedTo"] = await _assignee(asked.assigned_to, organization)
    named = {
        "System.State": asked.state,
        "Microsoft.VSTS.Common.Priority": asked.priority,
        "System.AreaPath": asked.area,
        "System.IterationPath": asked.iteration,
        "System.Tags": "; ".join(asked.tags) if asked.tags is not None else None,
    }
    changes |= {name: value for name, value in named.items() if value is not None}
    for name, value in asked.fields.items():
        if name in changes or name in WITH_ARGUMENTS:
            raise ToolFailed(f"{name} has an argument or a tool of its own.")
        changes[name] = to_html(value) if name in MARKDOWN_FIELDS and isinstance(value, str) else value
    return changes


async def _assignee(wished: str, organization: Place) -> str:
    if wished.lower() != wiql.ME:
        return wished
    return (await organization.me()).account


def _described_in(kind: str) -> str:
    """The field that the page of a work item shows for its description: a bug's is another one."""
    return shown.STEPS if kind.lower() == "bug" else shown.DESCRIPTION


async def _project_of(organization: Place, number: int) -> str:
    """Comments are asked for in the project."""
    return await _field(organization, number, "System.TeamProject")


async def _field(organization: Place, number: int, name: str) -> str:
    found = (await organization.read("_apis/wit/workitems", number, query={"fields": name})).data
    return str(found["fields"][name])


def _made(organization: Place, found: dict[str, Any]) -> str:
    fields = found["fields"]
    address = shown.address(organization, found["id"], str(fields.get("System.TeamProject") or ""))
    return f"Made work item #{found['id']}: {address}"


def _commented(organization: Place, asked: AddComment, project: str) -> str:
    return f"Commented: {shown.address(organization, asked.number, project)}"
