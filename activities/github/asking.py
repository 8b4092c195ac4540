"""What every tool of GitHub has in common: its arguments, and the account that it asks with."""

from collections.abc import Mapping
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

    async def account(self, context: Context) -> Access:
        return await self._accounts.access(context.user_id, "github")

    async def __call__(
        self, context: Context, method: Method, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Answer:
        account = await self.account(context)
        try:
            return await self._github.ask(account, method, path, body, query)
        except TokenRefused:
            if not account.of_installation:
                await self._accounts.refused(context.user_id, "github")
            raise
