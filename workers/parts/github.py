"""GitHub: its tools, for those who have an account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.github.client import GitHub
from activities.github.toolset import toolset
from workers.parts.accounts import opened_accounts
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def github(services: Services) -> AsyncIterator[Share]:
    address = services.settings.github.base_url
    client = GitHub(trusted=[address] if address else [])
    try:
        yield Share(toolsets=(toolset(client, opened_accounts(services)),))
    finally:
        await client.close()
