"""Searching code, and what a search of either kind says of itself."""

from typing import Any

from pydantic import Field, model_validator

from activities.azure import markdown
from activities.azure.arguments import Branch, Line, Name, Paged, Path
from activities.azure.asking import Asking, Place
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

REMARKS = {
    1: "Azure DevOps makes its index anew at the moment, so what was found may not be all.",
    2: "Azure DevOps has no index of this yet, so nothing can be found by search.",
    3: "Azure DevOps takes that for no valid search.",
    4: "A search word cannot begin with *.",
    6: "Azure DevOps has no index of this yet, so nothing can be found by search.",
    7: "Azure DevOps makes its index at the moment, so what was found may not be all.",
    9: "Azure DevOps makes the index of a branch at the moment, so what was found may not be all.",
}
"""By the code with which a search says what was odd about it."""

SNIPPETS = 3
"""That are shown of one file."""


class SearchCode(Paged):
    query: Line = Field(
        min_length=1, max_length=500,
        description='words; "…" for a phrase, * for any ending, ext:py, path:src, class:Name, def:name narrow it',
    )  # fmt: skip
    project: Name | None = Field(None, description="without it all projects")
    repo: Name | None = Field(None, description="needs project")
    path: Path | None = Field(None, description="only below this folder; needs repo")
    branch: Branch | None = Field(None, description="without it the default branch; needs repo")

    @model_validator(mode="after")
    def _each_needs_the_one_before(self) -> "SearchCode":
        if self.repo and not self.project:
            raise ValueError("repo needs project")
        if (self.path or self.branch) and not self.repo:
            raise ValueError("path and branch need repo")
        return self


class _Search:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def code(self, asked: SearchCode, context: Context) -> ToolOutput:
        organization = await self._ask.organization(context)
        place = await self._ask.project(context, asked.project) if asked.project else organization
        chosen = {"Project": asked.project, "Repository": asked.repo, "Path": asked.path, "Branch": asked.branch}
        filters = {name: [value] for name, value in chosen.items() if value}
        body = {"searchText": asked.query, **asked.paging, "filters": filters, "includeFacets": False}
        body["includeSnippet"] = True
        data = (await place.read("_apis/search/codesearchresults", body=body, search=True)).data
        lines = [_found(organization, each) for each in data["results"]]
        more = markdown.next_page(asked.page, data["count"] > asked.page * asked.per_page)
        return markdown.listed("a search in code", lines, searched(data, more))


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    search = _Search(ask)
    return (
        Tool(
            "ado_search_code", "Search the code of the person's Azure DevOps organization.", SearchCode, search.code,
            provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
    )  # fmt: skip


def searched(data: dict[str, Any], more: str) -> str:
    """How to read on, and what the search says of itself."""
    return " ".join(filter(None, (more, REMARKS.get(data.get("infoCode") or 0, ""))))


def _found(organization: Place, each: dict[str, Any]) -> str:
    project, repository = (each.get("project") or {}).get("name", ""), (each.get("repository") or {}).get("name", "")
    branch = next((one.get("branchName") for one in each.get("versions") or []), None)
    query = {"path": each["path"], **({"version": f"GB{branch}"} if branch else {})}
    told = f"- {link(each['path'], organization.link(project, '_git', repository, **query))}"
    told += facts(f"{markdown.line(project)}/{markdown.line(repository)}", markdown.line(branch))
    hits = (each.get("matches") or {}).get("content") or []
    snippets = dict.fromkeys(markdown.line(hit["codeSnippet"]) for hit in hits if hit.get("codeSnippet"))
    return "\n".join([told, *(f"  - `{snippet.replace('`', '')}`" for snippet in list(snippets)[:SNIPPETS])])
