"""Commits: which there are, and what one changes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from activities.github.arguments import InRepository, Login, Page, Paged
from activities.github.asking import Asking
from activities.github.client import PER_PAGE
from activities.github.markdown import commits as markdown
from activities.github.paths import Folder, Ref, quoted
from activities.github.results import listed, others
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

Time = Annotated[AwareDatetime, Field(description="with its time zone, such as 2026-11-28T00:00:00Z")]


class ListCommits(InRepository, Paged):
    ref: Ref | None = Field(None, description="branch, tag or commit to begin with; the default branch if not given")
    path: Folder = Field("", description="only those that change this file or folder")
    author: Login | None = None
    since: Time | None = None
    until: Time | None = None


class OneCommit(InRepository):
    ref: Annotated[Ref, Field(description="commit, branch or tag")]
    page: Page = Field(1, description=f"of its files, {PER_PAGE} at a time")


class _Commits:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_commits(self, asked: ListCommits, context: Context) -> ToolOutput:
        chosen = {"sha": asked.ref, "path": asked.path, "author": asked.author}
        chosen |= {"since": _written(asked.since), "until": _written(asked.until)}
        query = {**{name: value for name, value in chosen.items() if value}, **asked.paging}
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/commits", query=query)
        where = f"the commits of {asked.name}"
        return listed(map(markdown.commit_line, answer.data), asked.page, answer.more, where)

    async def get_commit(self, asked: OneCommit, context: Context) -> ToolOutput:
        path = f"/repos/{asked.name}/commits/{quoted(asked.ref)}"
        answer = await self._ask(context, "GET", path, query={"page": asked.page, "per_page": PER_PAGE})
        more = f"\n\nThere are more files: call again with page={asked.page + 1}." if answer.more else ""
        return others(f"commit {answer.data['sha'][:10]} of {asked.name}", markdown.commit(answer.data) + more)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    commits = _Commits(ask)
    return (
        Tool(
            "github_list_commits", "List commits of a GitHub repository, newest first.", ListCommits,
            commits.list_commits, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_get_commit", "Read one commit of a GitHub repository, with the changes of its files.", OneCommit,
            commits.get_commit, provenance=Provenance.OTHERS, view=lambda asked: f"{asked.name} at {asked.ref}",
        ),
    )  # fmt: skip


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
