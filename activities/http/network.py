"""Connections to checked addresses: a name is looked up once, and what was checked is connected to.

A check of the name alone could be evaded by one that points elsewhere a moment later.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2

from activities.http.addresses import is_public
from clara.errors import ToolFailed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; OSError if it has none."""

CONNECTIONS = httpx2.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30)

_WEB_PORTS = (80, 443)
_OTHER_SERVICES = frozenset(
    (1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080)
)
"""Ports from 1024 on that browsers do not go to: what listens there would take a request for its own language."""

_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


async def look_up(host: str, port: int) -> Sequence[str]:
    """What the system knows of a host. Takes every notation that the system takes, such as 127.1 and 0x7f000001."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def origin_of(url: str) -> tuple[str, int]:
    """Host and port of a URL, as an entry of an allow-list."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _is_of_the_web(port: int) -> bool:
    return port in _WEB_PORTS or (port >= 1024 and port not in _OTHER_SERVICES)


async def checked(
    host: str, port: int, trusted: Collection[tuple[str, int]] = (), resolve: Resolve = look_up
) -> Sequence[str]:
    """The addresses of a host, all of them public or the origin ``trusted``: what to connect to, without asking again.

    Raises ToolFailed for a name that does not exist or has an address inside, OSError where it cannot be looked up.
    """
    try:
        addresses = await resolve(host, port)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            raise ToolFailed(f"There is no host named {host}.") from None
        raise
    except UnicodeError:
        raise OSError("no host can have that name") from None
    if (host.lower(), port) not in trusted and not all(map(is_public, addresses)):
        raise ToolFailed(f"{host} is in a private network or on this machine, where I may not go.")
    return addresses


def transport(trusted: Collection[str] = (), resolve: Resolve = look_up) -> httpx2.AsyncHTTPTransport:
    """A transport for httpx2 clients that connects to public addresses, and to the origins of the URLs ``trusted``.

    ``trusted`` is for the base URLs that an operator has set, and for servers of tests. Certificates are
    checked against the host's name. It knows no proxies.
    """
    return _Transport(frozenset(map(origin_of, trusted)), resolve)


class _Transport(httpx2.AsyncHTTPTransport):
    def __init__(self, trusted: frozenset[tuple[str, int]], resolve: Resolve) -> None:
        context = certificates()
        super().__init__(verify=context)
        # httpx2 has no argument for the backend, which httpcore2 offers for this purpose.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=CONNECTIONS.max_connections,
            max_keepalive_connections=CONNECTIONS.max_keepalive_connections,
            keepalive_expiry=CONNECTIONS.keepalive_expiry,
            network_backend=_Network(trusted, resolve),
        )


@cache
def certificates() -> ssl.SSLContext:
    """One for all clients of a process: reading what is trusted takes 60 ms."""
    return httpcore2.default_ssl_context()


class _Network(httpcore2.AsyncNetworkBackend):
    def __init__(self, trusted: frozenset[tuple[str, int]], resolve: Resolve) -> None:
        self._trusted = trusted
        self._resolve = resolve
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if (host.lower(), port) not in self._trusted and not _is_of_the_web(port):
            raise ToolFailed(f"Port {port} is not one of the web, so I do not go there.")
        try:
            async with asyncio.timeout(timeout):
                addresses = await checked(host, port, self._trusted, self._resolve)
        except TimeoutError:
            raise httpcore2.ConnectTimeout("the name could not be looked up in time") from None
        except OSError:
            raise httpcore2.ConnectError("the name could not be looked up") from None
        for number, address in enumerate(addresses, start=1):
            try:
                return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpcore2.ConnectError("no address")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
