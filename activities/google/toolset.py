"""The tools of Google's services, for those who have an account, and those by which it is connected."""

from typing import Any

from activities.accounts.access import Accounts, connect_first
from activities.accounts.signing_in import SignIns
from activities.google.apis import MISSING, is_installed
from activities.google.asking import Asking
from activities.google.provider import NOT_SET_UP
from activities.google.tools import account, calendar, docs, drive, sheets
from activities.google.tools.drive.files import PersonFiles
from activities.tools.tool import Tool
from activities.tools.toolset import Offering, Toolset, fixed
from clara.messages import Incoming


def tools(ask: Asking, kept: PersonFiles) -> tuple[Tool[Any], ...]:
    """Those that need an account."""
    return (*calendar.tools(ask), *drive.tools(ask, kept), *docs.tools(ask), *sheets.tools(ask))


def toolset(ask: Asking, accounts: Accounts, kept: PersonFiles) -> Toolset:
    """Without an account, each tool is told as missing, with how to connect one. Each service is offered by itself.

    ``kept`` are the files of people, which Drive takes and gives.
    """
    made = tools(ask, kept)
    service = {tool.name: tool.name.split("_")[1] for tool in made}

    async def offer(message: Incoming) -> Offering:
        if not is_installed():
            return Offering((), {tool.name: MISSING for tool in made})
        if not await accounts.has(message.user.id, "google"):
            return Offering((), {tool.name: connect_first("google") for tool in made})
        return Offering(made, parts=service)

    return Toolset("google", offer)


def connecting(sign_ins: SignIns) -> Toolset:
    return fixed("google account", account.tools(sign_ins))


def not_set_up(ask: Asking, sign_ins: SignIns, kept: PersonFiles) -> Toolset:
    """Where the operator has made no client at Google."""
    made = (*account.tools(sign_ins), *tools(ask, kept))
    return fixed("google", (), missing={tool.name: NOT_SET_UP for tool in made})
