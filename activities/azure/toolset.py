"""The tools of Azure DevOps, for those who have an account."""

from typing import Any

from activities.accounts.access import Accounts, connect_first
from activities.azure.asking import Asking
from activities.azure.client import AzureDevOps
from activities.azure.tools import (
    builds,
    pipelines,
    planning,
    projects,
    pull_requests,
    repositories,
    search,
    testing,
    wikis,
    work_items,
)
from activities.tools.tool import Tool
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming

TOPICS = (projects, repositories, pull_requests, work_items, pipelines, builds, wikis, planning, testing, search)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    return tuple(tool for topic in TOPICS for tool in topic.tools(ask))


def toolset(azure: AzureDevOps, accounts: Accounts, project: str = "") -> Toolset:
    """Without an account, each tool is told as missing, with how to connect one. ``project`` is the operator's."""
    made = tools(Asking(azure, accounts, project))

    async def offer(message: Incoming) -> Offering:
        if not await accounts.has(message.user.id, "azure-devops"):
            return Offering((), {tool.name: connect_first("azure-devops") for tool in made})
        return Offering(made)

    return Toolset("azure", offer)
