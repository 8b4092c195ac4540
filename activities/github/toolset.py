"""The tools of GitHub, for those who have an account."""

from activities.accounts.access import Accounts, connect_first
from activities.github.asking import Asking
from activities.github.client import GitHub
from activities.github.tools import issues
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming


def toolset(github: GitHub, accounts: Accounts) -> Toolset:
    """Without an account, each tool is told as missing, with how to connect one."""
    tools = issues.tools(Asking(github, accounts))

    async def offer(message: Incoming) -> Offering:
        if not await accounts.has(message.user.id, "github"):
            return Offering((), {tool.name: connect_first("github") for tool in tools})
        return Offering(tools)

    return Toolset("github", offer)
