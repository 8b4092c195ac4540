"""Azure DevOps: its tools, for those who have an account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.azure.client import AzureDevOps
from activities.azure.toolset import toolset
from workers.parts.accounts import opened_accounts
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def azure(services: Services) -> AsyncIterator[Share]:
    settings = services.settings.azure
    client = AzureDevOps(settings.organization or "")
    try:
        yield Share(toolsets=(toolset(client, opened_accounts(services), settings.project or ""),))
    finally:
        await client.close()
