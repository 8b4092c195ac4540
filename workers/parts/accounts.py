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
    addresses = _addresses(settings)
    given: dict[Service, SecretStr | None] = {"github": settings.github.token, "azure-devops": settings.azure.token}
    tokens = {service: (token, addresses.get(service, "")) for service, token in given.items() if token}
    people = settings.accounts.shared_with or (f"cli:{settings.runtime.cli_user}",)
    return ConnectedAccounts(services.pool, services.sealer, Installations(tokens, people))


def _addresses(settings: Settings) -> dict[Service, str]:
    given: dict[Service, str | None] = {
        "github": settings.github.base_url,
        "azure-devops": settings.azure.organization,
    }
    return {service: address for service, address in given.items() if address}
