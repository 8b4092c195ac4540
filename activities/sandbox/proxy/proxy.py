"""The proxy of one box: a Unix socket that is there while a command with network runs.

Own code, because none of the libraries fits. proxy-py is a program with processes and threads of its own for each
address that it listens on, pproxy has had no release since 2024 and no place to look at an address before it is
connected to, and mitmproxy listens on no Unix socket and is made for opening TLS, which this must not. What
can be got wrong is left to libraries: HTTP to h11, the first message of TLS to OpenSSL, and which addresses are
public to the client of all other tools.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from activities.http.network import Resolve, look_up, origin_of
from activities.sandbox.proxy.exchange import Exchange
from activities.sandbox.proxy.gate import LIMITS, Gate, ProxyLimits
from clara.hosts import AllowedHost

log = logging.getLogger(__name__)

SOCKET = "proxy.sock"
"""A short name: the path of a socket has 107 bytes at most in a box."""

_TOO_MANY = b"HTTP/1.1 503 Too many connections at once\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Proxy:
    """Open while it is entered. Its folder must exist; what lies at ``path`` is replaced.

    ``hosts`` may be reached, at addresses of the public internet alone. ``trusted`` are the URLs of servers of tests,
    wherever they are. ``box`` names it in the log.
    """

    def __init__(
        self,
        path: Path,
        hosts: Sequence[AllowedHost],
        *,
        box: str = "",
        limits: ProxyLimits = LIMITS,
        trusted: Collection[str] = (),
        resolve: Resolve = look_up,
    ) -> None:
        self._path = path
        self._limits = limits
        self._gate = Gate(hosts, limits, frozenset(map(origin_of, trusted)), resolve, box)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def refused(self) -> Sequence[str]:
        """What was not let through and why, as sentences for the model."""
        return self._gate.told

    @property
    def size(self) -> int:
        """Bytes that went in and out."""
        return self._gate.size

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._accept, sock=_bound(self._path))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        self._path.unlink(missing_ok=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._limits.connections:
            writer.write(_TOO_MANY)
            writer.close()
            return
        task = asyncio.create_task(Exchange(self._gate, self._limits, reader, writer).run())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection through the proxy broke", exc_info=error)


def _bound(path: Path) -> socket.socket:
    """A socket at a path of any length: the kernel takes 107 bytes, so it is named from its folder."""
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
        path.chmod(0o666)  # whoever a box runs as; the folder keeps everybody else out
    except BaseException:
        listening.close()
        with suppress(FileNotFoundError):
            path.unlink()
        raise
    finally:
        os.close(folder)
    return listening
