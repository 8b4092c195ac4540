"""Accounts: checking the tokens that people connect, and which are the installation's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from activities.accounts.accounts import ConnectedAccounts, Installations
from activities.accounts.activities import AccountActivities, SignInActivities
from activities.accounts.provider import Provider, Tokens
from activities.accounts.signing_in import SignIns
from activities.google.provider import provider as google_provider
from clara.accounts import Service
from clara.settings import Settings
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def accounts(services: Services) -> AsyncIterator[Share]:
    serving = AccountActivities(services.pool, services.sealer, _addresses(services.settings))
    browsing = SignInActivities(services.pool, services.client, opened_sign_ins(services))
    yield Share(activities=(serving.connect, browsing.begin, browsing.finish, browsing.end))


def opened_accounts(services: Services) -> ConnectedAccounts:
    settings = services.settings
    addresses = _addresses(settings)
    given: dict[Service, SecretStr | None] = {"github": settings.github.token, "azure-devops": settings.azure.token}
    tokens = {service: (token, addresses.get(service, "")) for service, token in given.items() if token}
    people = settings.accounts.shared_with or (f"cli:{settings.runtime.cli_user}",)
    renewed = {
        service: Tokens(services.pool, services.sealer, provider) for service, provider in _providers(settings).items()
    }
    return ConnectedAccounts(services.pool, services.sealer, Installations(tokens, people), renewed)


def opened_sign_ins(services: Services) -> SignIns:
    settings = services.settings
    callback = f"{settings.own_address}/oauth/callback"
    return SignIns(services.pool, services.sealer, callback, _providers(settings))


def _providers(settings: Settings) -> dict[Service, Provider]:
    """Those at whom accounts are connected in a browser, as far as the operator has set them up."""
    at_google = google_provider(settings.google)
    return {"google": at_google} if at_google else {}


def _addresses(settings: Settings) -> dict[Service, str]:
    given: dict[Service, str | None] = {
        "github": settings.github.base_url,
        "azure-devops": settings.azure.organization,
    }
    return {service: address for service, address in given.items() if address}
