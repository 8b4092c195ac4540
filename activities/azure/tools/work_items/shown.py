"""A work item as a line of a list, and whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from activities.azure import markdown
from activities.azure.asking import Place
from activities.azure.html import to_markdown
from activities.azure.markdown import facts, link
from clara.tools.material import written

FIELDS = (
    "System.Id",
    "System.Title",
    "System.WorkItemType",
    "System.State",
    "System.AssignedTo",
    "System.ChangedDate",
    "System.TeamProject",
    "System.Tags",
)

DESCRIPTION = "System.Description"
STEPS = "Microsoft.VSTS.TCM.ReproSteps"

_TEXTS = {
    DESCRIPTION: "",
    STEPS: "Steps to reproduce",
    "Microsoft.VSTS.TCM.SystemInfo": "System",
    "Microsoft.VSTS.Common.AcceptanceCriteria": "Acceptance criteria",
}
"""Fields that are HTML, with their headings."""

_MORE = {
    "System.AreaPath": "Area",
    "System.IterationPath": "Iteration",
    "System.Reason": "Reason",
    "Microsoft.VSTS.Common.Priority": "Priority",
    "Microsoft.VSTS.Common.Severity": "Severity",
    "Microsoft.VSTS.Scheduling.StoryPoints": "Story points",
    "Microsoft.VSTS.Scheduling.Effort": "Effort",
    "Microsoft.VSTS.Scheduling.RemainingWork": "Remaining work",
}

PARENT = "System.LinkTypes.Hierarchy-Reverse"

_RELATIONS = {
    PARENT: "Parent",
    "System.LinkTypes.Hierarchy-Forward": "Child",
    "System.LinkTypes.Related": "Related",
    "System.LinkTypes.Dependency-Reverse": "Predecessor",
    "System.LinkTypes.Dependency-Forward": "Successor",
    "Hyperlink": "Link",
    "AttachedFile": "Attachment",
}

RELATIONS_LIMIT = 50


def address(organization: Place, number: int, project: str) -> str:
    return organization.link(project, "_workitems", "edit", number)


def line(organization: Place, fields: Mapping[str, Any]) -> str:
    number, project = fields["System.Id"], str(fields.get("System.TeamProject") or "")
    tags = markdown.line(fields.get("System.Tags"))
    name = f"#{number} {fields.get('System.Title') or ''}"
    return link(name, address(organization, number, project)) + facts(
        markdown.line(fields.get("System.WorkItemType")),
        markdown.line(fields.get("System.State")),
        f"assigned to {markdown.person(fields.get('System.AssignedTo'))}",
        f"changed {markdown.day(fields.get('System.ChangedDate'))}",
        f"tags: {tags}" if tags else "",
    )


def whole(organization: Place, found: Mapping[str, Any]) -> str:
    fields = {"System.Id": found["id"], **found["fields"]}
    made = markdown.minute(fields.get("System.CreatedDate"))
    lines = [line(organization, fields), f"Made by {markdown.person(fields.get('System.CreatedBy'))}, {made}"]
    lines.append(f"Project: {markdown.line(fields.get('System.TeamProject'))}")
    more = {name: fields[field] for field, name in _MORE.items() if fields.get(field) is not None}
    lines += [f"{name}: {markdown.line(value)}" for name, value in more.items()]
    lines += [_relation(each) for each in (found.get("relations") or [])[:RELATIONS_LIMIT]]
    texts = []
    for field, heading in _TEXTS.items():
        if text := text_of(fields.get(field), _is_markdown(found, field)):
            texts.append(f"## {heading}\n{text}" if heading else text)
    return "\n".join([*lines, "", "\n\n".join(texts) or "(no description)"])


def text_of(value: Any, is_markdown: bool = False, limit: int = markdown.BODY_LIMIT) -> str:
    return written(value if is_markdown else to_markdown(value), limit)


def comments(found: Sequence[Mapping[str, Any]], total: int) -> str:
    """The newest ones, oldest first."""
    shown = [
        f"**{markdown.person(each.get('createdBy'))}**, {markdown.minute(each.get('createdDate'))}:\n"
        + text_of(each.get("text"), each.get("format") == "markdown", markdown.COMMENT_LIMIT)
        for each in reversed(found)
    ]
    before = f"\n\n({total - len(shown)} earlier comments are not shown)" if total > len(shown) else ""
    return f"\n\n## Comments{before}\n\n" + "\n\n".join(shown) if shown else ""


def _is_markdown(found: Mapping[str, Any], field: str) -> bool:
    """Newer organizations let a field be Markdown, and say which are."""
    return str((found.get("multilineFieldsFormat") or {}).get(field, "")).lower() == "markdown"


def _relation(found: Mapping[str, Any]) -> str:
    url, given = str(found.get("url") or ""), found.get("attributes") or {}
    name = _RELATIONS.get(str(found.get("rel")), markdown.line(given.get("name") or found.get("rel")))
    beginning, _, last = url.rpartition("/")
    if beginning.lower().endswith("/workitems"):
        return f"{name}: #{markdown.line(last)}"
    return f"{name}: {markdown.line(given.get('name') if found.get('rel') == 'AttachedFile' else url)}"
