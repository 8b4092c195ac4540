"""What every tool of Azure DevOps has in common: the account and the project that it asks in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from activities.accounts.access import Access, Accounts
from activities.azure.client import VERSION, Answer, Ask, AzureDevOps, Identity, Method, path
from activities.azure.faults import Refused
from activities.tools.tool import Context
from clara.errors import ToolFailed, Unavailable

CLOCKS = timedelta(seconds=30)
"""Those of two services differ by so much at most."""


def begun_at(context: Context) -> datetime:
    """Nothing that an attempt at a call has made is older, by the clock of Azure DevOps."""
    return (context.now - CLOCKS).astimezone(UTC)


@contextmanager
def before_any_change() -> Iterator[None]:
    """Around what a write has to look up first: a fault within leaves no doubt that nothing was done."""
    try:
        yield
    except Unavailable as error:
        raise ToolFailed(f"{error} So nothing was done; it can be tried again later.") from None


class Asking:
    """Asks Azure DevOps for the person of a turn. ``project`` is the operator's, at the operator's address."""

    def __init__(self, azure: AzureDevOps, accounts: Accounts, project: str = "") -> None:
        self._azure = azure
        self._accounts = accounts
        self._project = project

    async def organization(self, context: Context) -> "Place":
        return Place(self, context, await self._accounts.access(context.user_id, "azure-devops"))

    async def project(self, context: Context, project: str | None) -> "Place":
        """The one that is named, else the operator's; ToolFailed if there is none."""
        place = await self.organization(context)
        if project is None and self._project and place.account.base_url == self._azure.operators:
            project = self._project
        if project is None:
            raise ToolFailed("Say in which project: ado_list_projects shows them.")
        return Place(self, context, place.account, project)

    async def send(self, context: Context, account: Access, ask: Ask) -> Answer:
        try:
            return await self._azure.ask(account, ask)
        except Refused as refused:
            # A token without a scope is refused like one that has ended, and must not be put aside for that.
            if await self._azure.whose(account) is not None:
                raise refused.for_want_of_a_scope from None
            if not account.of_installation:
                await self._accounts.refused(context.user_id, "azure-devops")
            raise

    async def whose(self, account: Access) -> Identity | None:
        return await self._azure.whose(account)


@dataclass(frozen=True)
class Place:
    """Where a call asks: an organization with the account of the person, and perhaps a project in it."""

    _ask: Asking
    _context: Context
    account: Access
    project: str = ""

    async def read(
        self,
        *parts: str | int,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        search: bool = False,
        version: str = VERSION,
    ) -> Answer:
        """A look at ``parts`` below the place; one with a ``body`` is posted."""
        ask = Ask(
            "GET" if body is None else "POST", self._path(parts), query or {}, body, search=search, version=version
        )
        return await self._ask.send(self._context, self.account, ask)

    async def change(
        self,
        method: Method,
        *parts: str | int,
        body: Any,
        query: Mapping[str, Any] | None = None,
        version: str = VERSION,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        ask = Ask(method, self._path(parts), query or {}, body, True, version, headers=headers)
        return await self._ask.send(self._context, self.account, ask)

    async def me(self) -> Identity:
        found = await self._ask.whose(self.account)
        if found is None:
            raise Refused("that belongs to it")
        return found

    def link(self, *parts: str | int, **query: Any) -> str:
        """The address of a page for people."""
        address = self.account.base_url + self._path(parts)
        return f"{address}?{urlencode(query, quote_via=quote)}" if query else address

    def _path(self, parts: tuple[str | int, ...]) -> str:
        return path(*([self.project] if self.project else []), *parts)
