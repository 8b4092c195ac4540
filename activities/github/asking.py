"""How every tool of GitHub asks: with the account of its person."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from activities.accounts.access import Access, Accounts
from activities.github import addresses
from activities.github.client import JSON, Answer, GitHub, Method
from activities.github.faults import TokenRefused
from activities.tools.tool import Context


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

    async def page(self, context: Context, path: str) -> str:
        """The address of a page, for people."""
        return f"{addresses.pages((await self.account(context)).base_url)}{path}"

    async def __call__(
        self,
        context: Context,
        method: Method,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        accept: str = JSON,
    ) -> Answer:
        async with self._watched(context) as account:
            return await self._github.ask(account, method, path, body, query, accept)

    async def text(self, context: Context, path: str, accept: str) -> str:
        """What GitHub shows as another type than JSON."""
        async with self._watched(context) as account:
            return await self._github.text(account, path, accept)

    async def raw(self, context: Context, path: str, query: Mapping[str, Any]) -> bytes:
        """The bytes of a file."""
        async with self._watched(context) as account:
            return await self._github.raw(account, path, query)

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
