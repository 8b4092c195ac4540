"""Pull requests: reading, opening, changing and merging them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from activities.github.arguments import Body, Branch, InRepository, Number, Paged, Sha, Title
from activities.github.asking import Asking
from activities.github.looks import NEWEST_FIRST, by_mark
from activities.github.markdown import pull_requests as markdown
from activities.github.results import listed, others
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.tools.marks import marked
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

DIFF = "application/vnd.github.diff"
DIFF_LIMIT = 1_000_000
"""Characters, which is about what GitHub makes at most. The model is shown the beginning, and can read on."""

Head = Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9_-]*:)?[^\s~^:?*\[\\\x00-\x1f\x7f]+$", max_length=255)]


class ListPulls(InRepository, Paged):
    state: Literal["open", "closed", "all"] = "open"
    head: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*:[^\s:]+$", max_length=255)] | None = Field(
        None, description="only from this branch, as owner:branch"
    )
    base: Branch | None = Field(None, description="only into this branch")
    sort: Literal["created", "updated", "popularity", "long-running"] = "created"
    direction: Literal["asc", "desc"] = "desc"


class OnePull(InRepository):
    number: Number


class ListFiles(OnePull, Paged):
    patches: bool = Field(False, description="also the changed lines of each file")


class CreatePull(InRepository):
    title: Title
    head: Head = Field(description="branch with the changes; owner:branch if it is in a fork")
    base: Branch = Field(description="branch that they are to go into")
    body: Body = Field("", description="Markdown")
    draft: bool = False


class UpdatePull(OnePull):
    title: Title | None = None
    body: Body | None = Field(None, description="Markdown; in place of the whole description")
    state: Literal["open", "closed"] | None = None
    base: Branch | None = Field(None, description="another branch to go into")


class MergePull(OnePull):
    sha: Sha = Field(description="the head commit as github_get_pull_request has shown it: nothing else is merged")
    method: Literal["merge", "squash", "rebase"] = "merge"
    commit_title: Title | None = None
    commit_message: Body | None = None


class _Pulls:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_pulls(self, asked: ListPulls, context: Context) -> ToolOutput:
        query = {**asked.model_dump(exclude={"owner", "repo"}, exclude_none=True)}
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/pulls", query=query)
        return listed(map(markdown.line, answer.data), asked.page, answer.more, f"the pull requests of {asked.name}")

    async def get(self, asked: OnePull, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", _path(asked))
        return others(f"pull request {_named(asked)}", markdown.whole(answer.data))

    async def diff(self, asked: OnePull, context: Context) -> ToolOutput:
        text = await self._ask.text(context, _path(asked), DIFF)
        return others(f"the diff of {_named(asked)}", markdown.code(text, DIFF_LIMIT) or "(no changes)")

    async def files(self, asked: ListFiles, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"{_path(asked)}/files", query=asked.paging)
        lines = [markdown.file_line(each, asked.patches) for each in answer.data]
        return listed(lines, asked.page, answer.more, f"the files of {_named(asked)}")

    async def create(self, asked: CreatePull, context: Context) -> str:
        body = asked.model_dump(include={"title", "head", "base", "draft"})
        body["body"] = marked(asked.body, context.key)
        return _opened((await self._ask(context, "POST", f"/repos/{asked.name}/pulls", body)).data)

    async def was_created(self, asked: CreatePull, context: Context) -> Verdict:
        query = {"state": "all", **NEWEST_FIRST}
        return await by_mark(self._ask, context, f"/repos/{asked.name}/pulls", query, _opened)

    async def update(self, asked: UpdatePull, context: Context) -> str:
        body = asked.model_dump(exclude={"owner", "repo", "number"}, exclude_none=True)
        if not body:
            raise ToolFailed("Say what is to change: title, body, state or base.")
        found = (await self._ask(context, "PATCH", _path(asked), body)).data
        return f"Changed pull request #{found['number']}, which is {found['state']}: {found['html_url']}"

    async def merge(self, asked: MergePull, context: Context) -> str:
        body = {"sha": asked.sha, "merge_method": asked.method}
        body |= asked.model_dump(include={"commit_title", "commit_message"}, exclude_none=True)
        found = (await self._ask(context, "PUT", f"{_path(asked)}/merge", body)).data
        page = await self._ask.page(context, f"/{asked.name}/pull/{asked.number}")
        return _merged(asked.number, found["sha"], page)

    async def was_merged(self, asked: MergePull, context: Context) -> Verdict:
        found = (await self._ask(context, "GET", _path(asked))).data
        if found["merged"] and found["head"]["sha"] == asked.sha:
            return Verdict("done", _merged(found["number"], found["merge_commit_sha"], found["html_url"]))
        return Verdict("not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    pulls = _Pulls(ask)
    return (
        Tool(
            "github_list_pull_requests", "List pull requests of a GitHub repository.", ListPulls, pulls.list_pulls,
            provenance=Provenance.OTHERS, view=lambda asked: f"{asked.state} pull requests of {asked.name}",
        ),
        Tool(
            "github_get_pull_request",
            "Read one pull request of GitHub: its state, branches, head commit, whether it can be merged, and its "
            "description. Its comments are read by github_list_issue_comments.",
            OnePull, pulls.get, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_get_pull_request_diff",
            "Read all changes of a pull request as a diff. Of a large one, github_list_pull_request_files reads a "
            "part.",
            OnePull, pulls.diff, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_list_pull_request_files", "List the files that a pull request changes, and how.", ListFiles,
            pulls.files, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_create_pull_request",
            "Open a pull request from a branch that is on GitHub already. Others see it and are notified.",
            CreatePull, pulls.create, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=pulls.was_created,
            view=lambda asked: f"open a pull request in {asked.name}, {asked.head} into {asked.base}: {asked.title}",
        ),
        Tool(
            "github_update_pull_request",
            "Change a pull request: its title, description or base branch, or close or reopen it. What is not given "
            "stays. Labels and assignees are changed by github_update_issue.",
            UpdatePull, pulls.update, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=_view_update,
        ),
        Tool(
            "github_merge_pull_request",
            "Merge a pull request at the commit that was seen. If its branch has changed since, nothing is merged.",
            MergePull, pulls.merge, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=pulls.was_merged, view=_view_merge,
        ),
    )  # fmt: skip


def _named(asked: OnePull) -> str:
    return f"{asked.name}#{asked.number}"


def _path(asked: OnePull) -> str:
    return f"/repos/{asked.name}/pulls/{asked.number}"


def _view_update(asked: UpdatePull) -> str:
    changes = asked.model_dump(exclude={"owner", "repo", "number"}, exclude_none=True)
    return f"change {_named(asked)}: {'; '.join(f'{name}: {to}' for name, to in changes.items())}"


def _view_merge(asked: MergePull) -> str:
    message = " ".join(filter(None, (asked.commit_title, asked.commit_message)))
    said = f", with the message: {message}" if message else ""
    return f"merge {_named(asked)} at commit {asked.sha[:12]} by {asked.method}{said}"


def _opened(found: dict[str, Any]) -> str:
    return f"Opened pull request #{found['number']}: {found['html_url']}"


def _merged(number: int, sha: str, page: str) -> str:
    return f"Merged pull request #{number} as commit {sha}: {page}"
