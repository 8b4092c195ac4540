"""Issues: reading, searching, opening, changing and commenting on them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from activities.github import markdown
from activities.github.asking import Asking, InRepository, Number, Paged
from activities.github.client import PER_PAGE
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.tools.marks import mark, marked
from clara.tools.material import between, page_of
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

TITLE_LIMIT = 256
BODY_LIMIT = 60_000
"""Characters. GitHub takes 65,536 of a body; the mark needs some."""

LOOKED_AT_PAGES = 3
MADE_WITHIN = timedelta(days=1)
"""A look for what was made goes so far back."""

Told = Callable[[dict[str, Any]], str]
Label = Annotated[str, Field(min_length=1, max_length=50)]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100)]
Body = Annotated[str, Field(max_length=BODY_LIMIT)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT)]


class ListIssues(InRepository, Paged):
    state: Literal["open", "closed", "all"] = "open"
    labels: list[Label] = Field([], max_length=10, description="only those that have all of these")
    assignee: Login | None = None
    creator: Login | None = None
    sort: Literal["created", "updated", "comments"] = "created"


class OneIssue(InRepository):
    number: Number


class ListComments(OneIssue, Paged):
    pass


class SearchIssues(Paged):
    query: str = Field(
        min_length=1,
        max_length=256,
        description="GitHub's search syntax, such as: is:pr is:open author:@me, or: repo:owner/name crash in:title",
    )
    sort: Literal["created", "updated", "comments"] | None = None


class CreateIssue(InRepository):
    title: Title
    body: Body = Field("", description="Markdown")
    labels: list[Label] = Field([], max_length=20)
    assignees: list[Login] = Field([], max_length=10)


class UpdateIssue(OneIssue):
    title: Title | None = None
    body: Body | None = Field(None, description="Markdown; in place of the whole description")
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "reopened"] | None = None
    labels: list[Label] | None = Field(None, max_length=20, description="in place of all that are there")
    assignees: list[Login] | None = Field(None, max_length=10, description="in place of all that are there")


class AddComment(OneIssue):
    body: Annotated[str, Field(min_length=1, max_length=BODY_LIMIT, description="Markdown")]


class _Issues:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_issues(self, asked: ListIssues, context: Context) -> ToolOutput:
        chosen = {"labels": ",".join(asked.labels), "assignee": asked.assignee, "creator": asked.creator}
        query = {"state": asked.state, "sort": asked.sort, **{k: v for k, v in chosen.items() if v}, **asked.paging}
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/issues", query=query)
        return _list(answer.data, answer.more, asked.page, f"the issues of {asked.name}")

    async def search(self, asked: SearchIssues, context: Context) -> ToolOutput:
        query = {"q": asked.query, **({"sort": asked.sort} if asked.sort else {}), **asked.paging}
        answer = await self._ask(context, "GET", "/search/issues", query=query)
        return _list(answer.data["items"], answer.more, asked.page, "a search for issues")

    async def get_issue(self, asked: OneIssue, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/issues/{asked.number}")
        return _others(f"issue {asked.name}#{asked.number}", markdown.issue(answer.data))

    async def list_comments(self, asked: ListComments, context: Context) -> ToolOutput:
        path = f"/repos/{asked.name}/issues/{asked.number}/comments"
        answer = await self._ask(context, "GET", path, query=asked.paging)
        if not answer.data:
            return ToolOutput("There are no comments on this page.", provenance=Provenance.CLARA)
        shown = page_of(map(markdown.comment, answer.data), asked.page, answer.more, between="\n\n")
        return _others(f"the comments of {asked.name}#{asked.number}", shown)

    async def create(self, asked: CreateIssue, context: Context) -> str:
        body: dict[str, Any] = {"title": asked.title, "body": marked(asked.body, context.key)}
        body |= {"labels": asked.labels} if asked.labels else {}
        body |= {"assignees": asked.assignees} if asked.assignees else {}
        return _created((await self._ask(context, "POST", f"/repos/{asked.name}/issues", body)).data)

    async def was_created(self, asked: CreateIssue, context: Context) -> Verdict:
        # Not by GitHub's search, which shows a new issue only after a while.
        account = await self._ask.account(context)
        query = {"state": "all", "sort": "created", "direction": "desc"}
        if not account.of_installation:  # whose login nobody has told
            query["creator"] = account.login
        return await self._look(context, f"/repos/{asked.name}/issues", query, _created)

    async def update(self, asked: UpdateIssue, context: Context) -> str:
        body = asked.model_dump(exclude={"owner", "repo", "number"}, exclude_none=True)
        if not body:
            raise ToolFailed("Say what is to change: title, body, state, labels or assignees.")
        found = (await self._ask(context, "PATCH", f"/repos/{asked.name}/issues/{asked.number}", body)).data
        return f"Changed issue #{found['number']}, which is {found['state']}: {found['html_url']}"

    async def comment(self, asked: AddComment, context: Context) -> str:
        path = f"/repos/{asked.name}/issues/{asked.number}/comments"
        return _commented((await self._ask(context, "POST", path, {"body": marked(asked.body, context.key)})).data)

    async def was_commented(self, asked: AddComment, context: Context) -> Verdict:
        since = (context.now - MADE_WITHIN).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self._look(
            context, f"/repos/{asked.name}/issues/{asked.number}/comments", {"since": since}, _commented
        )

    async def _look(self, context: Context, path: str, query: dict[str, Any], told: Told) -> Verdict:
        """Whether what has the mark of the call is there. Unknown if there is more than a look reads."""
        begin = (context.now - MADE_WITHIN).strftime("%Y-%m-%dT%H:%M:%SZ")
        for page in range(1, LOOKED_AT_PAGES + 1):
            answer = await self._ask(context, "GET", path, query={**query, "page": page, "per_page": PER_PAGE})
            for each in answer.data:
                if mark(context.key) in (each.get("body") or ""):
                    return Verdict("done", told(each))
            newest_first = query.get("direction") == "desc"
            if not answer.more or (newest_first and answer.data and answer.data[-1]["created_at"] < begin):
                return Verdict("not_done")
        return Verdict("unknown")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    issues = _Issues(ask)
    return (
        Tool(
            "github_list_issues", "List issues and pull requests of a GitHub repository.", ListIssues,
            issues.list_issues,
            provenance=Provenance.OTHERS, view=lambda asked: f"{asked.state} issues of {asked.name}",
        ),
        Tool(
            "github_search_issues",
            "Search issues and pull requests all over GitHub. author:@me, assignee:@me and review-requested:@me mean "
            "the person.",
            SearchIssues, issues.search, provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
        Tool(
            "github_get_issue", "Read one issue or pull request of GitHub: its state and description.", OneIssue,
            issues.get_issue, provenance=Provenance.OTHERS, view=_view_one,
        ),
        Tool(
            "github_list_issue_comments", "Read the comments of an issue or a pull request, oldest first.",
            ListComments, issues.list_comments, provenance=Provenance.OTHERS, view=_view_one,
        ),
        Tool(
            "github_create_issue", "Open an issue in a GitHub repository. Others see it and are notified.", CreateIssue,
            issues.create, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=issues.was_created,
            view=lambda asked: f"open an issue in {asked.name}: {asked.title}",
        ),
        Tool(
            "github_update_issue",
            "Change an issue or pull request: its title, description, labels or assignees, or close or reopen it. "
            "What is not given stays.",
            UpdateIssue, issues.update, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=_view_update,
        ),
        Tool(
            "github_add_issue_comment", "Comment on an issue or a pull request. Others see it and are notified.",
            AddComment, issues.comment, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=issues.was_commented,
            view=lambda asked: f"comment on {asked.name}#{asked.number}: {asked.body}",
        ),
    )  # fmt: skip


def _view_one(asked: OneIssue) -> str:
    return f"{asked.name}#{asked.number}"


def _view_update(asked: UpdateIssue) -> str:
    changes = asked.model_dump(exclude={"owner", "repo", "number"}, exclude_none=True)
    told = "; ".join(f"{name}: {', '.join(to) if isinstance(to, list) else to}" for name, to in changes.items())
    return f"change {asked.name}#{asked.number}: {told}"


def _list(found: list[dict[str, Any]], more: bool, page: int, where: str) -> ToolOutput:
    if not found:
        return ToolOutput("There are none.", provenance=Provenance.CLARA)
    return _others(where, page_of(map(markdown.issue_line, found), page, more))


def _others(where: str, text: str) -> ToolOutput:
    return ToolOutput(between("github", where, text), source=where)


def _created(found: dict[str, Any]) -> str:
    return f"Opened issue #{found['number']}: {found['html_url']}"


def _commented(found: dict[str, Any]) -> str:
    return f"Commented: {found['html_url']}"
