"""A process that serves task queues until it is told to end: the same frame for workers and adapters."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable

from clara.errors import Misconfigured
from clara.settings import Settings, load

MISCONFIGURED = 2
"""Exit code: a setting has to be changed first, and starting again will not help."""


def serve(run: Callable[[Settings, asyncio.Event], Awaitable[None]]) -> int:
    """Read the settings, log to stderr, and run until SIGTERM or SIGINT sets the event; the exit code."""

    async def until_told(settings: Settings) -> None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await run(settings, ended)

    try:
        settings = load()
        logging.basicConfig(
            level=settings.runtime.log_level,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        asyncio.run(until_told(settings))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    return 0
