"""The process: a socket that waits, and the service behind it once somebody comes."""

import asyncio
import logging
import os
import socket
from urllib.parse import urlsplit

from clara.errors import Misconfigured
from clara.settings import Settings

log = logging.getLogger(__name__)

BACKLOG = 128


async def run(settings: Settings, ended: asyncio.Event) -> None:
    """Serve until ``ended`` is set. Misconfigured where the port cannot be had.

    Few ever log in anywhere, so what the service is made of is loaded when the first connection comes.
    """
    with _listening(settings) as listener:
        log.info("listening on port %s", listener.getsockname()[1])
        if await _someone_comes(listener, ended):
            from adapters.web.serving import serve

            await serve(settings, listener, ended)


def _listening(settings: Settings) -> socket.socket:
    host, port = settings.service.host, settings.service.port
    if port is None:
        port = urlsplit(settings.runtime.web_url or "").port
    if not port:
        raise Misconfigured("WEB_PORT: must be the port that the web service listens on")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Misconfigured(f"WEB_PORT: port {port} of {host} cannot be had: {os.strerror(error.errno or 0)}") from None


async def _someone_comes(listener: socket.socket, ended: asyncio.Event) -> bool:
    """Wait until a connection is there to be accepted; False if the end comes first."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    listener.setblocking(False)
    loop.add_reader(listener, news.set)
    waiting = [asyncio.create_task(news.wait()), asyncio.create_task(ended.wait())]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(listener)
        for task in waiting:
            task.cancel()
    return not ended.is_set()
