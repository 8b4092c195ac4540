"""What every tool of GitHub has in common: its arguments, and the account that it asks with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from pydantic import Field

from activities.accounts.access import Access, Accounts
from activities.github.client import Answer, GitHub, Method
from activities.github.faults import TokenRefused
from activities.tools.tool import Arguments, Context

# They become parts of a path, so neither a slash nor a name of dots fits.
Owner = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100, description="user or organization")
]
Repo = Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$", max_length=100, description="name alone")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Page = Annotated[int, Field(ge=1, le=100)]
PerPage = Annotated[int, Field(ge=1, le=100)]


class InRepository(Arguments):
    owner: Owner
    repo: Repo

    @property
    def name(self) -> str:
        return f"{self.owner}/{self.repo}"


class Paged(Arguments):
    page: Page = 1
    per_page: PerPage = 30

    @property
    def paging(self) -> dict[str, int]:
        return {"page": self.page, "per_page": self.per_page}


class Asking:
    """Asks GitHub for the person of a turn. The account is looked up for each request: it may have been taken away."""

    def __init__(self, github: GitHub, accounts: Accounts) -> None:
        self._github = github
        self._accounts = accounts
        self._installations_login = ""

    async def account(self, context: Context) -> Access:
        return await self._accounts.access(context.user_id, "github")

    async def login(self, context: Context) -> str:
        """Who acts on GitHub. Of the installation's token nobody has told it, so GitHub is asked once."""
        account = await self.account(context)
        if not account.of_installation:
            return account.login
        if not self._installations_login:
            self._installations_login = str((await self(context, "GET", "/user")).data["login"])
        return self._installations_login

    async def __call__(
        self, context: Context, method: Method, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Answer:
        async with self._watched(context) as account:
            return await self._github.ask(account, method, path, body, query)

    async def text(self, context: Context, path: str, accept: str) -> str:
        """What GitHub shows as another type than JSON."""
        async with self._watched(context) as account:
            return await self._github.text(account, path, accept)

    async def graphql(self, context: Context, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a query or a mutation."""
        async with self._watched(context) as account:
            return await self._github.graphql(account, query, variables)

    @asynccontextmanager
    async def _watched(self, context: Context) -> AsyncIterator[Access]:
        """The account, which is marked as out of order if GitHub does not take its token within."""
        account = await self.account(context)
        try:
            yield account
        except TokenRefused:
            if not account.of_installation:
                await self._accounts.refused(context.user_id, "github")
            raise
