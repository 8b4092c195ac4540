"""Finding and reading pull requests."""

from typing import Any, Literal

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import Branch, InProject, Name, Paged
from activities.azure.asking import Asking
from activities.azure.markdown import facts
from activities.azure.tools.pull_requests.shown import OnePullRequest, line, read, threads_of
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.material import written
from clara.tools.provenance import Provenance

VOTES = {10: "approved", 5: "approved with suggestions", 0: "no vote", -5: "waits for the author", -10: "rejected"}


class ListPullRequests(InProject, Paged):
    repo: Name | None = Field(None, description="name or id; without it all of the project")
    status: Literal["active", "completed", "abandoned", "all"] = "active"
    whose: Literal["anyone", "created_by_me", "to_review_by_me"] = Field(
        "anyone", description="created_by_me: those of the person"
    )
    target: Branch | None = Field(None, description="only those into this branch")


class ListThreads(OnePullRequest):
    with_system: bool = Field(False, description="also what Azure DevOps itself notes, such as votes and pushes")


class _Looking:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list(self, asked: ListPullRequests, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        me = (await place.me()).id if asked.whose != "anyone" else None
        chosen = {
            "status": asked.status,
            "creatorId": me if asked.whose == "created_by_me" else None,
            "reviewerId": me if asked.whose == "to_review_by_me" else None,
            "targetRefName": f"refs/heads/{asked.target}" if asked.target else None,
        }
        query = {f"searchCriteria.{name}": value for name, value in chosen.items()} | asked.paging
        inside = ("_apis/git/repositories", asked.repo, "pullrequests") if asked.repo else ("_apis/git/pullrequests",)
        found = (await place.read(*inside, query=query)).listed
        lines = [f"- {line(place, each)}" for each in found]
        more = markdown.next_page(asked.page, len(found) == asked.per_page)
        return markdown.listed(f"the pull requests of {asked.repo or place.project}", lines, more)

    async def get(self, asked: OnePullRequest, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = await read(place, asked)
        lines = [line(place, found), f"Head: {_head(found)}"]
        if found.get("mergeStatus"):
            why = markdown.line(found.get("mergeFailureMessage"))
            lines.append(f"Merge: {markdown.line(found['mergeStatus'])}{facts(why)}")
        for each in found.get("reviewers", [])[:50]:
            needed = "required" if each.get("isRequired") else ""
            lines.append(f"- {markdown.person(each)}{facts(VOTES.get(each.get('vote', 0), ''), needed)}")
        lines += ["", written(found.get("description"), markdown.BODY_LIMIT) or "(no description)"]
        return markdown.others(asked.which, "\n".join(lines))

    async def threads(self, asked: ListThreads, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        shown = []
        for thread in await threads_of(place, asked):
            said = [each for each in thread.get("comments", []) if not each.get("isDeleted") and each.get("content")]
            kept = [each for each in said if asked.with_system or each.get("commentType") != "system"]
            if kept and not thread.get("isDeleted"):
                shown.append("\n".join([_thread(thread), *map(_comment, kept)]))
        return markdown.listed(f"the threads of {asked.which}", shown, separator="\n\n")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    requests = _Looking(ask)
    return (
        Tool(
            "ado_list_pull_requests",
            "List pull requests of an Azure DevOps project or repository, newest first; also the person's own or those "
            "that wait for their review.",
            ListPullRequests, requests.list,
            provenance=Provenance.OTHERS, view=lambda asked: f"{asked.status} in {asked.repo or asked.where}",
        ),
        Tool(
            "ado_get_pull_request", "Read one pull request of Azure DevOps: its state, reviewers and description.",
            OnePullRequest, requests.get, provenance=Provenance.OTHERS, view=lambda asked: asked.which,
        ),
        Tool(
            "ado_list_pr_threads", "Read what is said about a pull request of Azure DevOps, thread by thread.",
            ListThreads, requests.threads,
            provenance=Provenance.OTHERS, view=lambda asked: f"the threads of {asked.which}",
        ),
    )  # fmt: skip


def _head(found: dict[str, Any]) -> str:
    return markdown.line((found.get("lastMergeSourceCommit") or {}).get("commitId")) or "not known yet"


def _thread(found: dict[str, Any]) -> str:
    at = found.get("threadContext") or {}
    where = markdown.line(at.get("filePath"))
    where += f":{at['rightFileStart']['line']}" if at.get("rightFileStart") else ""
    return f"### Thread {found['id']}{facts(markdown.line(found.get('status')), where)}"


def _comment(found: dict[str, Any]) -> str:
    head = f"**{markdown.person(found.get('author'))}**, {markdown.minute(found.get('publishedDate'))}:"
    return f"{head}\n{written(found['content'], markdown.COMMENT_LIMIT)}"
