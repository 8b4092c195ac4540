"""Asking a service whose token it is and what it may do, before it is kept."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from activities.http.client import Client, Limits, Response
from activities.http.faults import fault
from clara.accounts import NAMES, Service
from clara.azure import organization
from clara.errors import UserError

LIMITS = Limits(total_s=10, size=256 * 1024, redirects=0)
GITHUB = "https://api.github.com"
AZURE_ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
LOGIN_LIMIT = 200


@dataclass(frozen=True)
class Checked:
    login: str
    scopes: tuple[str, ...] = ()


Check = Callable[[Client, str, str], Awaitable[Checked]]
"""With a token, at an address; UserError where the service does not take it."""


async def github(client: Client, token: str, base_url: str) -> Checked:
    answer = await client.request(
        "GET",
        f"{base_url or GITHUB}/user",
        headers={"authorization": f"Bearer {token}", "accept": "application/vnd.github+json"},
    )
    user = _read(answer, "github")
    scopes = str(answer.headers.get("x-oauth-scopes", ""))
    return Checked(_login(user.get("login"), "github"), tuple(filter(None, map(str.strip, scopes.split(",")))))


async def azure_devops(client: Client, token: str, base_url: str) -> Checked:
    if not base_url:
        raise UserError("Please say which organization: /connect azure-devops NAME")
    secret = base64.b64encode(f":{token}".encode()).decode()
    answer = await client.request(
        "GET", f"{base_url}/_apis/connectionData", headers={"authorization": f"Basic {secret}"}
    )
    # The page to sign in is how it says no.
    if answer.status in (203, 302) or answer.media_type == "text/html":
        raise UserError(_refused("azure-devops"))
    user = _read(answer, "azure-devops").get("authenticatedUser")
    if isinstance(user, dict) and user.get("id") == AZURE_ANONYMOUS:  # a public project lets anybody look
        raise UserError(_refused("azure-devops"))
    return Checked(_login(user.get("providerDisplayName") if isinstance(user, dict) else None, "azure-devops"))


CHECKS: Mapping[Service, Check] = {"github": github, "azure-devops": azure_devops}
"""Services whose tokens people can type. Google gives none that could be."""


def address(service: Service, wished: str, operators: str = "") -> str:
    """Where a person's account is; UserError for an address that is neither the service's nor the operator's.

    The libraries of services go to whatever address they are given, so nobody may give one of the inside.
    """
    wished = wished.rstrip("/")
    if not wished or wished == operators:
        return operators
    if service == "azure-devops" and (found := organization(wished)) is not None:
        return found
    raise UserError(
        f"I do not connect to that address. {NAMES[service]} elsewhere than at its own address has to be set by who "
        "runs me."
    )


async def check(service: Service, token: str, base_url: str, operators: str = "") -> Checked:
    """At ``address``. UserError where the service does not take the token, Unavailable for faults that pass."""
    client = Client(NAMES[service], LIMITS, trusted=[operators] if operators else [])
    try:
        return await CHECKS[service](client, token, base_url)
    finally:
        await client.close()


def _read(answer: Response, service: Service) -> dict[str, Any]:
    if answer.status in (401, 403):
        raise UserError(_refused(service))
    answer.check()
    found = answer.json()
    if not isinstance(found, dict):
        raise fault("garbled", NAMES[service])
    return found


def _login(found: object, service: Service) -> str:
    if not isinstance(found, str) or not found.strip():
        raise fault("garbled", NAMES[service])
    return " ".join(found.split())[:LOGIN_LIMIT]


def _refused(service: Service) -> str:
    return f"{NAMES[service]} does not take that token. Please make a new one there and connect again."
