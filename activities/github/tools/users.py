"""Whose account it is, and who else there is."""

from typing import Any, Literal

from pydantic import Field

from activities.github.arguments import Paged
from activities.github.asking import Asking
from activities.github.markdown import people
from activities.github.results import listed
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.tools.provenance import Provenance


class Nothing(Arguments):
    pass


class SearchUsers(Paged):
    query: str = Field(
        min_length=1,
        max_length=256,
        description="GitHub's search syntax, such as: ann location:Oslo, or: fullname:Ann type:user",
    )
    sort: Literal["followers", "repositories", "joined"] | None = Field(None, description="best match if not given")


class _Users:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def get_me(self, asked: Nothing, context: Context) -> ToolOutput:
        found = (await self._ask(context, "GET", "/user")).data
        return ToolOutput(people.account(found))

    async def search(self, asked: SearchUsers, context: Context) -> ToolOutput:
        query = {"q": asked.query, **({"sort": asked.sort} if asked.sort else {}), **asked.paging}
        answer = await self._ask(context, "GET", "/search/users", query=query)
        return listed(map(people.user_line, answer.data["items"]), asked.page, answer.more, "a search for people")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    users = _Users(ask)
    return (
        Tool(
            "github_get_me", "Read who the person is on GitHub (who am I): login, name, address.", Nothing,
            users.get_me, provenance=Provenance.PERSON, view=lambda asked: "the account",
        ),
        Tool(
            "github_search_users", "Search people and organizations on GitHub.", SearchUsers, users.search,
            provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
    )  # fmt: skip
