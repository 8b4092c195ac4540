"""Tools of Google's, called for a person as a turn calls them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from activities.accounts.access import Access
from activities.google.asking import Asking
from activities.google.client import Google
from activities.google.toolset import toolset
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara import google
from clara.messages import Person
from tests.activities.accounts.known import NOW, KnownAccounts
from tests.activities.google.person_files import Files
from tests.activities.web.asking import SAID
from tests.loopback.google import GoogleServer

TOKENS = {"ann": "ya29.canary_of_ann", "bob": "ya29.canary_of_bob"}
ZONE = "Europe/Berlin"


def accounts_of(scopes: Sequence[str] = tuple(google.ALLOWS)) -> KnownAccounts:
    known = KnownAccounts()
    for who, token in TOKENS.items():
        known.by_user[f"cli:{who}"] = Access(f"{who}@example.org", "", token, tuple(scopes))
    return known


@dataclass
class Desk:
    """Calls tools for a person, against a loopback Google."""

    server: GoogleServer
    accounts: KnownAccounts
    google: Google
    quick: Google
    """With little patience."""
    files: Files = field(default_factory=Files)

    async def tools(self, who: str = "ann") -> dict[str, Tool[Any]]:
        offering = await toolset(Asking(self.google, self.accounts), self.accounts, self.files).offer(self._said(who))
        return {tool.name: tool for tool in offering.tools}

    async def run(self, name: str, /, who: str = "ann", key: str = "t/0/c1", **arguments: Any) -> ToolOutput:
        tool = (await self.tools(who))[f"google_{name}"]
        return tool.output(await tool.run(tool.parse(arguments), self.context(who, key)))

    async def verify(self, name: str, /, who: str = "ann", key: str = "t/0/c1", **arguments: Any) -> Verdict:
        tool = (await self.tools(who))[f"google_{name}"]
        assert tool.verify is not None
        return await tool.verify(tool.parse(arguments), self.context(who, key))

    def context(self, who: str, key: str) -> Context:
        return Context(self._said(who), key, NOW)

    def _said(self, who: str) -> Any:
        return SAID.model_copy(update={"user": Person(id=f"cli:{who}", name=who), "timezone": ZONE})

    def hasty(self) -> "Desk":
        """The same desk, with little patience."""
        return replace(self, google=self.quick)

    @property
    def lines(self) -> list[str]:
        return [asked.line.removesuffix(" HTTP/1.1") for asked in self.server.asked]
