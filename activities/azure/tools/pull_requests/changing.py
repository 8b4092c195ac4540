"""Opening, changing and completing pull requests, and commenting on them."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from activities.azure.arguments import Branch, Commit, InRepository, Number, Path
from activities.azure.asking import Asking, Place
from activities.azure.tools.pull_requests.shown import OnePullRequest, address, read, threads_of
from activities.tools.tool import Context, Tool, Verdict
from clara.tools.marks import mark, marked
from clara.tools.tool import Effect, Risk

TITLE_LIMIT = 400
DESCRIPTION_LIMIT = 3_900
"""Characters. Azure DevOps takes 4,000 of a description; the mark needs some."""

COMMENT_LIMIT = 100_000

LOOKED_AT = 5
"""Pull requests between the same two branches that a look reads, newest first. Only one of them can be open."""

Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT)]
Description = Annotated[str, Field(max_length=DESCRIPTION_LIMIT, description="Markdown")]
Strategy = Literal["noFastForward", "squash", "rebase", "rebaseMerge"]


class CreatePullRequest(InRepository):
    source: Branch
    target: Branch
    title: Title
    description: Description = ""
    draft: bool = False
    work_items: list[Number] = Field([], max_length=20, description="to be linked with it")


class UpdatePullRequest(OnePullRequest):
    title: Title | None = None
    description: Description | None = None
    draft: bool | None = None
    status: Literal["active", "abandoned", "completed"] | None = Field(
        None, description="completed merges it; active reopens one that was abandoned"
    )
    head: Commit | None = Field(
        None, description="to complete it: the last commit of its source as ado_get_pull_request shows it, and no other"
    )
    merge_strategy: Strategy | None = Field(None, description="how to complete it")
    delete_source_branch: bool = Field(False, description="when it is completed")

    @model_validator(mode="after")
    def _a_change_and_what_it_needs(self) -> "UpdatePullRequest":
        if self.status == "completed" and self.head is None:
            raise ValueError("head is needed to complete it: read it with ado_get_pull_request")
        if self.status != "completed" and (self.head or self.merge_strategy or self.delete_source_branch):
            raise ValueError("head, merge_strategy and delete_source_branch are for status completed")
        if not self.changes:
            raise ValueError("say what is to change: title, description, draft or status")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        named = {"title": self.title, "description": self.description, "isDraft": self.draft, "status": self.status}
        return {name: to for name, to in named.items() if to is not None}


class CreateComment(OnePullRequest):
    text: Annotated[str, Field(min_length=1, max_length=COMMENT_LIMIT, description="Markdown")]
    thread: Number | None = Field(None, description="the thread to answer in; without it a new one begins")
    path: Path | None = Field(None, description="for a new thread: the file that it is about")
    line: Number | None = Field(None, description="for a new thread at a file: its line, after the change")

    @model_validator(mode="after")
    def _a_place(self) -> "CreateComment":
        if self.thread and (self.path or self.line):
            raise ValueError("path and line are for a new thread")
        if self.line and not self.path:
            raise ValueError("line needs path")
        return self


class _Changing:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def create(self, asked: CreatePullRequest, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        body: dict[str, Any] = {
            "sourceRefName": f"refs/heads/{asked.source}",
            "targetRefName": f"refs/heads/{asked.target}",
            "title": asked.title,
            "description": marked(asked.description, context.key),
            "isDraft": asked.draft,
        }
        body |= {"workItemRefs": [{"id": str(each)} for each in asked.work_items]} if asked.work_items else {}
        made = await place.change("POST", "_apis/git/repositories", asked.repo, "pullrequests", body=body)
        return _opened(place, made.data)

    async def was_created(self, asked: CreatePullRequest, context: Context) -> Verdict:
        place = await self._ask.project(context, asked.project)
        chosen = {
            "status": "all",
            "sourceRefName": f"refs/heads/{asked.source}",
            "targetRefName": f"refs/heads/{asked.target}",
        }
        query = {f"searchCriteria.{name}": value for name, value in chosen.items()} | {"$top": LOOKED_AT}
        found = (await place.read("_apis/git/repositories", asked.repo, "pullrequests", query=query)).listed
        for each in found:
            # A list cuts descriptions, and the mark is at the end.
            whole = (await place.read("_apis/git/pullrequests", each["pullRequestId"])).data
            if mark(context.key) in (whole.get("description") or ""):
                return Verdict("done", _opened(place, whole))
        return Verdict("not_done")

    async def update(self, asked: UpdatePullRequest, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        body: dict[str, Any] = asked.changes
        if asked.status == "completed":
            options = {"deleteSourceBranch": asked.delete_source_branch, "mergeStrategy": asked.merge_strategy}
            body["lastMergeSourceCommit"] = {"commitId": asked.head}
            body["completionOptions"] = {name: to for name, to in options.items() if to is not None}
        inside = ("_apis/git/repositories", asked.repo, "pullrequests", asked.pull_request)
        return _changed(place, asked, (await place.change("PATCH", *inside, body=body)).data)

    async def was_updated(self, asked: UpdatePullRequest, context: Context) -> Verdict:
        place = await self._ask.project(context, asked.project)
        found = await read(place, asked)
        if any(_plain(found.get(name)) != _plain(to) for name, to in asked.changes.items() if name != "status"):
            return Verdict("not_done")
        # A merge is queued, and shows in the status only when it has been made.
        queued = asked.status == "completed" and found["status"] == "active" and found.get("completionQueueTime")
        if asked.status in (None, found["status"]) or queued:
            return Verdict("done", _changed(place, asked, found))
        return Verdict("not_done")

    async def comment(self, asked: CreateComment, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        inside = ("_apis/git/repositories", asked.repo, "pullRequests", asked.pull_request, "threads")
        said: dict[str, Any] = {"content": marked(asked.text, context.key), "commentType": "text"}
        if asked.thread:
            said |= {"parentCommentId": 1}
            await place.change("POST", *inside, asked.thread, "comments", body=said)
            return _commented(place, asked, asked.thread)
        body: dict[str, Any] = {"comments": [said | {"parentCommentId": 0}], "status": "active"}
        if asked.path:
            body["threadContext"] = {"filePath": asked.path}
        if asked.line:
            at = {"line": asked.line, "offset": 1}
            body["threadContext"] |= {"rightFileStart": at, "rightFileEnd": at}
        return _commented(place, asked, (await place.change("POST", *inside, body=body)).data["id"])

    async def was_commented(self, asked: CreateComment, context: Context) -> Verdict:
        place = await self._ask.project(context, asked.project)
        for thread in await threads_of(place, asked):
            if any(mark(context.key) in (each.get("content") or "") for each in thread.get("comments", [])):
                return Verdict("done", _commented(place, asked, thread["id"]))
        return Verdict("not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    requests = _Changing(ask)
    return (
        Tool(
            "ado_create_pull_request", "Open a pull request in Azure DevOps. Others see it and are notified.",
            CreatePullRequest, requests.create, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=requests.was_created,
            view=_view_create,
        ),
        Tool(
            "ado_update_pull_request",
            "Change a pull request of Azure DevOps: its title or description, whether it is a draft, or complete "
            "(merge), abandon or reopen it. What is not given stays.",
            UpdatePullRequest, requests.update,
            effect=Effect.WRITE, risk=Risk.OUTWARD, verify=requests.was_updated, view=_view_update,
        ),
        Tool(
            "ado_create_pr_comment",
            "Comment on a pull request of Azure DevOps, in a thread of its own or as an answer. Others are notified.",
            CreateComment, requests.comment, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=requests.was_commented,
            view=lambda asked: f"comment on {asked.which}: {asked.text}",
        ),
    )  # fmt: skip


def _view_create(asked: CreatePullRequest) -> str:
    draft = "a draft" if asked.draft else "a pull request"
    said = f"{asked.title}: {asked.description}" if asked.description else asked.title
    return f"open {draft} in {asked.name}, {asked.source} into {asked.target}: {said}"


def _view_update(asked: UpdatePullRequest) -> str:
    told = [f"{name}: {to}" for name, to in asked.changes.items() if name != "status"]
    if asked.status == "completed":
        how = f" by {asked.merge_strategy}" if asked.merge_strategy else ""
        gone = ", and delete its source branch" if asked.delete_source_branch else ""
        told.insert(0, f"merge it{how} at {(asked.head or '')[:8]}{gone}")
    elif asked.status:
        told.insert(0, {"active": "reopen it", "abandoned": "abandon it"}[asked.status])
    return f"{asked.which}: {'; '.join(told)}"


def _plain(value: Any) -> Any:
    """As it is compared: what is kept may end its lines in another way."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _opened(place: Place, found: dict[str, Any]) -> str:
    return f"Opened pull request !{found['pullRequestId']}: {address(place, found)}"


def _changed(place: Place, asked: UpdatePullRequest, found: dict[str, Any]) -> str:
    if asked.status == "completed" and found["status"] == "active":
        if found.get("mergeStatus") in ("conflicts", "rejectedByPolicy", "failure"):
            return f"Azure DevOps did not merge it ({found['mergeStatus']}): {address(place, found)}"
        return f"Azure DevOps merges it now; ado_get_pull_request tells whether it did: {address(place, found)}"
    return f"Changed pull request !{found['pullRequestId']}, which is {found['status']}: {address(place, found)}"


def _commented(place: Place, asked: CreateComment, thread: int) -> str:
    address = place.link("_git", asked.repo, "pullrequest", asked.pull_request, discussionId=thread)
    return f"Commented in thread {thread}: {address}"
