"""The tools of GitHub, for those who have an account."""

from typing import Any

from activities.accounts.access import Accounts, connect_first
from activities.github.asking import Asking
from activities.github.client import GitHub
from activities.github.tools import (
    branches,
    code,
    commits,
    contents,
    gists,
    issues,
    notifications,
    projects,
    pull_requests,
    releases,
    repositories,
    stars,
    users,
    workflows,
)
from activities.tools.tool import Tool
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming


def all_tools(ask: Asking) -> tuple[Tool[Any], ...]:
    topics = (
        *(users, repositories, contents, branches, commits, code, issues, pull_requests, workflows, projects),
        *(releases, gists, notifications, stars),
    )
    return tuple(tool for topic in topics for tool in topic.tools(ask))


def toolset(github: GitHub, accounts: Accounts) -> Toolset:
    """Without an account, each tool is told as missing, with how to connect one."""
    tools = all_tools(Asking(github, accounts))

    async def offer(message: Incoming) -> Offering:
        if not await accounts.has(message.user.id, "github"):
            return Offering((), {tool.name: connect_first("github") for tool in tools})
        return Offering(tools)

    return Toolset("github", offer)
