"""Stars: which repositories have one of somebody's, giving one and taking it back."""

from typing import Any, Literal

from pydantic import Field

from activities.github.arguments import InRepository, Login, Paged
from activities.github.asking import Asking
from activities.github.markdown.repositories import repository_line
from activities.github.results import listed
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk


class ListStarred(Paged):
    user: Login | None = Field(None, description="whose; the account's own if not given")
    sort: Literal["created", "updated"] = Field("created", description="created: when the star was given")


class _Stars:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_starred(self, asked: ListStarred, context: Context) -> ToolOutput:
        path = f"/users/{asked.user}/starred" if asked.user else "/user/starred"
        answer = await self._ask(context, "GET", path, query={"sort": asked.sort, **asked.paging})
        where = f"what @{asked.user} has starred" if asked.user else "what the account has starred"
        return listed(map(repository_line, answer.data), asked.page, answer.more, where)

    async def star(self, asked: InRepository, context: Context) -> str:
        await self._ask(context, "PUT", f"/user/starred/{asked.name}")
        return f"Starred {asked.name}."

    async def unstar(self, asked: InRepository, context: Context) -> str:
        await self._ask(context, "DELETE", f"/user/starred/{asked.name}")
        return f"{asked.name} has no star of the account's any more."


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    stars = _Stars(ask)
    return (
        Tool(
            "github_list_starred_repos", "List the repositories that the account, or somebody else, has starred.",
            ListStarred, stars.list_starred, provenance=Provenance.OTHERS,
            view=lambda asked: f"of {asked.user or 'the account'}",
        ),
        Tool(
            "github_star_repository", "Star a GitHub repository, which everybody sees.", InRepository, stars.star,
            effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=lambda asked: f"star {asked.name}",
        ),
        Tool(
            "github_unstar_repository", "Take the star from a GitHub repository.", InRepository, stars.unstar,
            effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=lambda asked: f"take the star from {asked.name}",
        ),
    )  # fmt: skip
