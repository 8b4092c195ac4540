"""Accounts: checking the tokens that people connect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.accounts.activities import AccountActivities
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def accounts(services: Services) -> AsyncIterator[Share]:
    serving = AccountActivities(services.pool, services.sealer, {})
    yield Share(activities=(serving.connect,))
