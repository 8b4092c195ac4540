"""Calls of libraries that block: in threads of their own, each with a deadline."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from clara.errors import Unavailable

T = TypeVar("T")

COUNT = 8


class Threads:
    """For one daemon, called ``name`` where it does not answer. Its library must give up by itself some time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._threads = ThreadPoolExecutor(COUNT, name)

    async def call(self, ask: Callable[[], T], within_s: float) -> T:
        """What ``ask`` returns or raises; Unavailable if neither within that time, waiting for a thread included."""
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except TimeoutError:
            raise Unavailable(f"{self._name} did not answer within {within_s:.0f} s.", "timeout") from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
