"""Repositories: searching, reading, making and forking them."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from activities.github import looks
from activities.github.arguments import InRepository, Owner, Paged, Repo
from activities.github.asking import Asking
from activities.github.client import PER_PAGE
from activities.github.faults import NotFound
from activities.github.markdown import repositories as markdown
from activities.github.results import listed, others
from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

FORKED_WITHIN = timedelta(minutes=2)
"""GitHub makes a fork after it has said yes."""


class SearchRepositories(Paged):
    query: str = Field(
        min_length=1,
        max_length=256,
        description="GitHub's search syntax, such as: tides language:python stars:>10, or: user:@me. Forks: fork:true",
    )
    sort: Literal["stars", "forks", "help-wanted-issues", "updated"] | None = Field(
        None, description="best match if not given"
    )


class CreateRepository(Arguments):
    name: Repo
    description: str = Field("", max_length=350, pattern=r"^[^\x00-\x1f\x7f]*$")
    private: bool = Field(True, description="whether only those who are let in see it")
    organization: Owner | None = Field(None, description="whose it is; the account's own if not given")
    auto_init: bool = Field(False, description="begin with a README, so that there is a branch")


class ForkRepository(InRepository):
    organization: Owner | None = Field(None, description="where to; the account's own if not given")
    default_branch_only: bool = False


class _Repositories:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def search(self, asked: SearchRepositories, context: Context) -> ToolOutput:
        query = {"q": asked.query, **({"sort": asked.sort} if asked.sort else {}), **asked.paging}
        answer = await self._ask(context, "GET", "/search/repositories", query=query)
        lines = map(markdown.repository_line, answer.data["items"])
        return listed(lines, asked.page, answer.more, "a search for repositories")

    async def get_repository(self, asked: InRepository, context: Context) -> ToolOutput:
        found = (await self._ask(context, "GET", f"/repos/{asked.name}")).data
        return others(f"the repository {asked.name}", markdown.repository(found))

    async def create(self, asked: CreateRepository, context: Context) -> str:
        path = f"/orgs/{asked.organization}/repos" if asked.organization else "/user/repos"
        body = asked.model_dump(include={"name", "description", "private", "auto_init"})
        return _created((await self._ask(context, "POST", path, body)).data)

    async def was_created(self, asked: CreateRepository, context: Context) -> Verdict:
        name = f"{asked.organization or await self._ask.login(context)}/{asked.name}"
        try:
            found = (await self._ask(context, "GET", f"/repos/{name}")).data
        except NotFound:
            return Verdict("not_done")
        # A name that was there before, or leads to a repository that was renamed, was refused or is free.
        is_it = found["full_name"].lower() == name.lower() and found["created_at"] >= looks.just_before(context)
        return Verdict("done", _created(found)) if is_it else Verdict("not_done")

    async def fork(self, asked: ForkRepository, context: Context) -> str:
        body: dict[str, Any] = {"default_branch_only": asked.default_branch_only}
        body |= {"organization": asked.organization} if asked.organization else {}
        return _forked((await self._ask(context, "POST", f"/repos/{asked.name}/forks", body)).data)

    async def was_forked(self, asked: ForkRepository, context: Context) -> Verdict:
        # One that was there before does as well: GitHub makes no second one.
        owner = asked.organization or await self._ask.login(context)
        for page in range(1, looks.LOOKED_AT_PAGES + 1):
            query = {"sort": "newest", "page": page, "per_page": PER_PAGE}
            answer = await self._ask(context, "GET", f"/repos/{asked.name}/forks", query=query)
            for each in answer.data:
                if each["owner"]["login"].lower() == owner.lower():
                    return Verdict("done", _forked(each))
            if not answer.more or (answer.data and answer.data[-1]["created_at"] < looks.just_before(context)):
                return Verdict("not_done")
        return Verdict("unknown")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    repositories = _Repositories(ask)
    return (
        Tool(
            "github_search_repositories", "Search repositories on GitHub.", SearchRepositories, repositories.search,
            provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
        Tool(
            "github_get_repository",
            "Read what a GitHub repository is: its description, default branch, license, and what the account may do.",
            InRepository, repositories.get_repository, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_create_repository", "Make a new repository (repo) on GitHub, private unless told otherwise.",
            CreateRepository, repositories.create, effect=Effect.WRITE, risk=Risk.OUTWARD, reaches=_reaches,
            verify=repositories.was_created, view=_view_creation,
        ),
        Tool(
            "github_fork_repository", "Fork a GitHub repository. Others see that it was forked.", ForkRepository,
            repositories.fork, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=repositories.was_forked,
            settles_within=FORKED_WITHIN,
            view=lambda asked: f"fork {asked.name} to {asked.organization or 'the own account'}",
        ),
    )  # fmt: skip


def _reaches(asked: CreateRepository) -> Risk:
    return Risk.CHANGE if asked.private and not asked.organization else Risk.OUTWARD


def _view_creation(asked: CreateRepository) -> str:
    kind = "private" if asked.private else "PUBLIC"
    where = f" in {asked.organization}" if asked.organization else ""
    return f"make the {kind} repository {asked.name}{where}" + (f": {asked.description}" if asked.description else "")


def _created(found: dict[str, Any]) -> str:
    return f"Made the {markdown.visibility(found)} repository {found['full_name']}: {found['html_url']}"


def _forked(found: dict[str, Any]) -> str:
    return f"Forked to {found['full_name']}: {found['html_url']}. It may take a minute until its files are there."
