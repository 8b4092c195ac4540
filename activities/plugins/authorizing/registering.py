"""How an authorization server knows Clara: as somebody has registered her there, or as she introduces herself."""

from collections.abc import Mapping
from typing import cast, get_args

from activities.http.client import Client
from activities.http.faults import fault_of_status
from activities.oauth.login import ClientAuth, Endpoints, Registration
from activities.oauth.tokens import object_of
from activities.plugins.authorizing.place import login_of
from clara.errors import UserError
from clara.plugins.logins import CLIENT_ID, CLIENT_SECRET
from clara.plugins.plugin import Plugin
from clara.plugins.telling import CHAT

REFUSED = (400, 401, 403, 404, 405)


async def registration(
    client: Client, plugin: Plugin, endpoints: Endpoints, redirect_uri: str, values: Mapping[str, str]
) -> Registration:
    """``values`` are those that were set of the plugin. UserError says what to do where the server knows no way."""
    if values.get(CLIENT_ID):
        return _registered(endpoints, values[CLIENT_ID], values.get(CLIENT_SECRET, ""))
    if not endpoints.registration:
        raise _unknown(plugin, redirect_uri)
    return await _introduced(client, plugin, endpoints, redirect_uri)


def _registered(endpoints: Endpoints, client_id: str, secret: str) -> Registration:
    """By hand, at the service."""
    if not secret:
        return Registration(client_id=client_id)
    # Where a server does not say how, it is this way (RFC 8414, section 2).
    by_post = "client_secret_post" in endpoints.auth_methods and "client_secret_basic" not in endpoints.auth_methods
    method: ClientAuth = "client_secret_post" if by_post else "client_secret_basic"
    return Registration(client_id=client_id, client_secret=secret, method=method)


async def _introduced(client: Client, plugin: Plugin, endpoints: Endpoints, redirect_uri: str) -> Registration:
    """By RFC 7591."""
    who = login_of(plugin.name)
    offered = endpoints.auth_methods
    method = next((each for each in get_args(ClientAuth) if each in offered), "none")
    asked = {
        "client_name": "Clara",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
        "application_type": "native" if redirect_uri.startswith("http://127.") else "web",
    }
    answer = await client.request("POST", endpoints.registration, headers={"accept": "application/json"}, body=asked)
    if answer.status in REFUSED:
        raise _unknown(plugin, redirect_uri)
    if answer.status not in (200, 201):
        raise fault_of_status(answer.status, answer.headers, who)
    found = object_of(answer, who)
    given = found.get("token_endpoint_auth_method") or method
    if not isinstance(found.get("client_id"), str) or given not in get_args(ClientAuth):
        raise UserError(f"{who} wants me to identify myself in a way that I do not know.")
    secret = str(found.get("client_secret") or "")
    return Registration(client_id=found["client_id"], client_secret=secret, method=cast(ClientAuth, given))


def _unknown(plugin: Plugin, redirect_uri: str) -> UserError:
    return UserError(
        f"{login_of(plugin.name)} does not let me introduce myself. An administrator can register me at that service, "
        f"with {redirect_uri} as the address to come back to, and then set what the service gives: "
        f"{CHAT}set {plugin.name} {CLIENT_ID} and, if there is one, {CHAT}set {plugin.name} {CLIENT_SECRET}. "
        f"If the service gives out tokens instead, set yours: {CHAT}oauth_set_token {plugin.name}"
    )
