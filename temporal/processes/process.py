"""A process that serves task queues until it is told to end: the same frame for workers and adapters."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable

from clara.errors import Misconfigured
from clara.settings import Settings, environment, load
from temporal.processes import collecting, logs
from temporal.processes.supervised import MISCONFIGURED, START_S


def serve(run: Callable[[Settings, asyncio.Event], Awaitable[None]]) -> int:
    """Read the settings, log to stderr, and run until SIGTERM or SIGINT sets the event; the exit code."""

    async def until_told(settings: Settings) -> None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await run(settings, ended)

    collecting.seldom()
    try:
        settings = load()
        logs.set_up(settings.runtime.log_level)
        asyncio.run(until_told(settings))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        if "SUPERVISOR_ENABLED" in environment():
            # supervisord takes an earlier end for a crash, whatever its code, and would try again and again.
            time.sleep(START_S + 1)
        return MISCONFIGURED
    return 0
