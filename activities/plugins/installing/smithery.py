"""Smithery's registry of MCP servers. The key goes to the registry alone, and not to the servers that it names."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from activities.http.client import Client, Limits
from clara.errors import Misconfigured, ToolFailed, UserError
from clara.plugins.plugin import Launch
from clara.plugins.requests import Hit, Pinned
from clara.plugins.source import Source, parse

REGISTRY, SERVERS = "https://registry.smithery.ai", "https://server.smithery.ai"
SHOWN = 10
TITLE_LIMIT, DESCRIPTION_LIMIT = 100, 300
BUNDLE = Limits(total_s=300.0, size=32 * 2**20)


class Smithery:
    def __init__(self, client: Client, registry: str, servers: str, token: str | None) -> None:
        self._client = client
        self._registry = registry.rstrip("/")
        self._servers = servers.rstrip("/")
        self._token = token

    async def search(self, query: str) -> list[Hit]:
        """The servers that fit best, ten at most."""
        found = await self._get("/servers", {"q": query, "pageSize": str(SHOWN)})
        servers = found.get("servers")
        if not isinstance(servers, list):
            raise ToolFailed("Smithery's registry sent something that is no list of servers.")
        return [hit for each in servers[:SHOWN] if (hit := _hit(each)) is not None]

    async def resolve(self, source: Source) -> Pinned:
        """How a server of the registry is reached: at its address if it has one, else as a bundle that runs here."""
        try:
            found = await self._get(f"/servers/{quote(source.package, safe='@/')}")
        except ToolFailed as error:
            if "does not have" in str(error):
                raise UserError(f"Smithery has no server named {source.package}. Search for it first.") from None
            raise
        connections = [each for each in found.get("connections") or () if isinstance(each, dict)]
        for each in connections:
            url = each.get("deploymentUrl")
            if each.get("type") in ("http", "sse", "ws") and isinstance(url, str) and url:
                return _remote(url, each, source)
        for each in connections:
            url = each.get("bundleUrl")
            if isinstance(url, str) and url and each.get("runtime", "node") == "node":
                return await self._bundle(url, source)
        raise UserError(f"Smithery names no way to {source.package} that I know: neither an address, nor a bundle.")

    def hosted(self, source: Source) -> Pinned:
        """A server that Smithery runs, where its person logs in."""
        return Pinned(launch=Launch(url=f"{self._servers}/{quote(source.package, safe='@/')}/mcp"))

    async def bundle(self, pinned: Pinned) -> bytes:
        """The bytes of a bundle; UserError where they are not those that were pinned."""
        data = (await self._client.request("GET", pinned.archive, limits=BUNDLE)).check().body
        if _digest(data) != pinned.launch.digest:
            raise UserError("The bundle has changed since it was looked at. Please try again.")
        return data

    async def _bundle(self, url: str, source: Source) -> Pinned:
        parse(url)  # which refuses what is no address
        data = (await self._client.request("GET", url, limits=BUNDLE)).check().body
        digest = _digest(data)
        launch = Launch(version=digest.removeprefix("sha256:")[:12], digest=digest)
        return Pinned(means="bundle", archive=url, arguments=source.arguments, launch=launch)

    async def _get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        if not self._token:
            raise Misconfigured("Smithery's registry wants a key: SMITHERY_API_TOKEN is not set.")
        answer = await self._client.request(
            "GET", self._registry + path, params=params,
            headers={"authorization": f"Bearer {self._token}", "accept": "application/json"},
        )  # fmt: skip
        found = answer.check().json()
        if not isinstance(found, dict):
            raise ToolFailed("Smithery's registry sent something that cannot be read.")
        return found


def _remote(url: str, connection: Mapping[str, Any], source: Source) -> Pinned:
    if source.arguments:
        raise UserError(f"{source.package} is at an address, so it takes no arguments.")
    address = parse(url)
    if address.kind != "http":
        raise UserError(f"Smithery names no address of {source.package} that can be used.")
    whole = address.url if "?" in url or url.rstrip("/").endswith("/mcp") else f"{url.rstrip('/')}/mcp"
    return Pinned(launch=Launch(url=whole, secrets=_headers(connection.get("configSchema"))))


def _headers(schema: Any) -> tuple[str, ...]:
    """What a server takes as headers, by its own account."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    found = []
    for each in properties.values() if isinstance(properties, dict) else ():
        taken_from = each.get("x-from") if isinstance(each, dict) else None
        header = taken_from.get("header") if isinstance(taken_from, dict) else None
        if isinstance(header, str) and header.replace("-", "").isalnum() and header.isascii() and len(header) <= 100:
            found.append(header)
    return tuple(found)


def _hit(server: Any) -> Hit | None:
    name = server.get("qualifiedName") if isinstance(server, dict) else None
    if not isinstance(name, str):
        return None
    try:
        source = parse(f"smithery:{name}")
    except UserError:
        return None
    uses = server.get("useCount")
    return Hit(
        source=f"smithery:{source.package}",
        title=_words(server.get("displayName"), TITLE_LIMIT) or name,
        description=_words(server.get("description"), DESCRIPTION_LIMIT),
        uses=uses if isinstance(uses, int) else 0,
        remote=bool(server.get("remote") or server.get("isDeployed")),
        verified=bool(server.get("verified")),
    )


def _words(value: Any, limit: int) -> str:
    """Somebody's words in one line that can be shown."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "".join(letter for letter in text if letter.isprintable())[:limit]


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
