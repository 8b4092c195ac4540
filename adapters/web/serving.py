"""Serving the pages over HTTP. Loads uvicorn and Starlette."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from adapters.web.app import application
from adapters.web.entrance import Entrance
from clara.settings import Settings
from temporal.processes.ending import end

MOST = 64
"""Connections at once; further ones are told to come back."""

HEADERS = 16 * 1024
"""Bytes of a request before its body."""


async def serve(settings: Settings, listener: socket.socket, ended: asyncio.Event) -> None:
    """Serve what comes on ``listener`` until ``ended`` is set."""
    entrance = Entrance(settings)
    config = uvicorn.Config(
        application(settings, entrance),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the application writes its own, without queries
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=HEADERS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    waiting = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        await end(waiting, serving)
        await entrance.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process hears the signals itself."""
        yield
