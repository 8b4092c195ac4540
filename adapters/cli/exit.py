"""How a chat ends: its exit codes, and Ctrl-C and SIGTERM where there is no prompt."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

FAILED = 1
STOPPED = 130
TERMINATED = 143


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

    with handling({signal.SIGINT: interrupt, signal.SIGTERM: lambda: leave(TERMINATED)}):
        try:
            return await task
        except asyncio.CancelledError:
            if not left:
                task.cancel()
                raise
            return left[0]


@contextmanager
def handling(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Signals go to these handlers within the block, and after it to whoever heard them before."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
