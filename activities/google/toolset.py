"""The tools of Google's services, for those who have an account."""

from typing import Any

from activities.accounts.access import Accounts, connect_first
from activities.google.apis import MISSING, is_installed
from activities.google.asking import Asking
from activities.google.files import PersonFiles
from activities.google.tools import calendar, docs, drive, sheets
from activities.tools.tool import Tool
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming


def tools(ask: Asking, kept: PersonFiles) -> tuple[Tool[Any], ...]:
    """Those that need an account."""
    return (*calendar.tools(ask), *drive.tools(ask, kept), *docs.tools(ask), *sheets.tools(ask))


def toolset(ask: Asking, accounts: Accounts, kept: PersonFiles) -> Toolset:
    """Without an account, each tool is told as missing, with how to connect one. ``kept`` are files of people."""
    made = tools(ask, kept)

    async def offer(message: Incoming) -> Offering:
        if not is_installed():
            return Offering((), {tool.name: MISSING for tool in made})
        if not await accounts.has(message.user.id, "google"):
            return Offering((), {tool.name: connect_first("google") for tool in made})
        return Offering(made)

    return Toolset("google", offer)
