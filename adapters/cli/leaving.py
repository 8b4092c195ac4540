"""Ctrl-C and SIGTERM where there is no prompt."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from adapters.cli.app import STOPPED, TERMINATED


async def interruptible(work: Coroutine[Any, Any, int], on_interrupt: Callable[[], bool]) -> int:
    """The exit code of ``work``, unless it is left before it is done.

    Ctrl-C asks ``on_interrupt``, which does what it can and returns whether to go on waiting;
    SIGTERM leaves at once.
    """
    task = asyncio.create_task(work)
    left: list[int] = []

    def leave(code: int) -> None:
        left.append(code)
        task.cancel()

    def interrupt() -> None:
        if not on_interrupt():
            leave(STOPPED)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    loop.add_signal_handler(signal.SIGTERM, leave, TERMINATED)
    try:
        return await task
    except asyncio.CancelledError:
        if not left:
            task.cancel()
            raise
        return left[0]
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
