"""Finding out who gives out tokens for a server, and how (RFC 9728, RFC 8414). Loads the SDK."""

from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
from mcp.client.auth import utils
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata
from mcp.shared.auth_utils import check_resource_allowed, resource_url_from_server_url
from mcp.types import LATEST_PROTOCOL_VERSION
from pydantic import BaseModel, ValidationError

from activities.http.client import Client, Response
from activities.oauth.login import Endpoints
from clara import __version__
from clara.errors import UserError
from clara.plugins.plugin import Plugin
from clara.settings.fields import is_loopback

Metadata = TypeVar("Metadata", bound=BaseModel)


async def discover(client: Client, plugin: Plugin) -> Endpoints:
    """Ask a server, and what it points to. UserError where it wants no login, or Clara knows no way to one."""
    url = plugin.launch.url
    challenge = await _challenge(client, url)
    named = utils.extract_resource_metadata_from_www_auth(challenge)
    found = await _first(
        client, utils.build_protected_resource_metadata_discovery_urls(named, url), ProtectedResourceMetadata
    )
    if found is None and challenge.status_code != 401:
        raise UserError(f"The plugin {plugin.name} needs no login, or none that I know of.")
    ours = resource_url_from_server_url(url)
    if found is not None and not check_resource_allowed(ours, str(found.resource)):
        raise UserError(f"The plugin {plugin.name} names another server as the one to log in for, so I do not.")
    server = str(found.authorization_servers[0]) if found else None
    about = await _first(
        client, utils.build_oauth_authorization_server_metadata_discovery_urls(server, url), OAuthMetadata
    )
    if about is None:
        raise UserError(f"The plugin {plugin.name} wants a login, but does not say where.")
    _check(plugin, about, server or f"{urlsplit(url).scheme}://{urlsplit(url).netloc}")
    return Endpoints(
        issuer=str(about.issuer),
        authorization=str(about.authorization_endpoint),
        token=str(about.token_endpoint),
        registration=str(about.registration_endpoint or ""),
        revocation=str(about.revocation_endpoint or ""),
        names_issuer=bool(about.authorization_response_iss_parameter_supported),
        auth_methods=tuple(about.token_endpoint_auth_methods_supported or ()),
        resource=str(found.resource) if found else ours,
        scope=utils.get_client_metadata_scopes(
            utils.extract_scope_from_www_auth(challenge), found, about, ["authorization_code", "refresh_token"]
        ),
    )


async def _challenge(client: Client, url: str) -> httpx2.Response:
    """What a server says to somebody whom it does not know."""
    about = {"name": "clara", "version": __version__}
    hello = {"protocolVersion": LATEST_PROTOCOL_VERSION, "capabilities": {}, "clientInfo": about}
    answer = await client.request(
        "POST",
        url,
        headers={"accept": "application/json, text/event-stream"},
        body={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
    )
    return httpx2.Response(answer.status, headers=answer.headers)


async def _first(client: Client, urls: list[str], kind: type[Metadata]) -> Metadata | None:
    """The first of these documents that is there; Unavailable where a server is in trouble."""
    for url in urls:
        answer: Response = await client.request("GET", url, headers={"accept": "application/json"})
        if answer.status == 429 or answer.status >= 500:
            answer.check()
        if answer.status == 200:
            try:
                return kind.model_validate_json(answer.body)
            except ValidationError:
                continue
    return None


def _check(plugin: Plugin, about: OAuthMetadata, issuer: str) -> None:
    if not utils.issuers_match(str(about.issuer), issuer):
        raise UserError(f"The plugin {plugin.name} sends people to a login that says it is another one, so I do not.")
    if about.code_challenge_methods_supported is not None and "S256" not in about.code_challenge_methods_supported:
        raise UserError(f"The login of the plugin {plugin.name} does not know PKCE, without which it is not safe.")
    for address in (about.authorization_endpoint, about.token_endpoint):
        if address.scheme != "https" and not is_loopback(str(address)):
            raise UserError(f"The login of the plugin {plugin.name} is not encrypted (no https), so I do not use it.")
