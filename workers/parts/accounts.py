"""Accounts: checking the tokens that people connect, and which are the installation's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from activities.accounts.accounts import ConnectedAccounts, Installations
from activities.accounts.activities import AccountActivities
from clara.accounts import Service
from clara.settings import Settings
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def accounts(services: Services) -> AsyncIterator[Share]:
    serving = AccountActivities(services.pool, services.sealer, _addresses(services.settings))
    yield Share(activities=(serving.connect,))


def opened_accounts(services: Services) -> ConnectedAccounts:
    settings = services.settings
    token = settings.github.token
    tokens: dict[Service, tuple[SecretStr, str]] = {}
    if token:
        tokens["github"] = token, _addresses(settings).get("github", "")
    people = settings.accounts.shared_with or (f"cli:{settings.runtime.cli_user}",)
    return ConnectedAccounts(services.pool, services.sealer, Installations(tokens, people))


def _addresses(settings: Settings) -> dict[Service, str]:
    return {"github": settings.github.base_url} if settings.github.base_url else {}
