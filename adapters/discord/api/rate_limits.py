"""How fast Clara writes: one budget for each channel, whatever she writes there, and one for all requests.

Discord gives the true limits in its answers, and the library waits for them; but they are learned
by using them up, and a process that was killed forgets them. This budget stays below them.
"""

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

WRITES = 5
"""Messages sent and edits together, in one channel and within ``WINDOW_S``: what Discord's staff named."""

WINDOW_S = 5.1
"""Discord's 5 s, and a little for clocks that differ."""

ALL_REQUESTS = 30
"""Of any kind within a second. Discord takes 50 from a bot; the library waits only after a refusal."""


class Throttle:
    """Lets ``ALL_REQUESTS`` pass in any second, in the order of asking."""

    def __init__(self) -> None:
        self._passed: deque[float] = deque(maxlen=ALL_REQUESTS)
        self._lock = asyncio.Lock()

    async def wait(self) -> None:
        async with self._lock:
            if len(self._passed) == ALL_REQUESTS:
                await asyncio.sleep(max(0.0, self._passed[0] + 1.0 - time.monotonic()))
            self._passed.append(time.monotonic())


class RateLimits:
    """A new process behaves as if the one before it had just used up everything."""

    def __init__(self) -> None:
        self._born = time.monotonic()
        self._free: dict[int, list[float]] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    def _slots(self, channel: int) -> list[float]:
        """When each of the channel's writes becomes free again, the earliest first."""
        return self._free.setdefault(channel, [self._born + WINDOW_S] * WRITES)

    def preview_in(self, channel: int) -> float:
        """Seconds until a preview may be written: one write is always kept for a final answer."""
        slots = self._slots(channel)
        second = heapq.nsmallest(2, slots)[1] if len(slots) > 1 else time.monotonic() + WINDOW_S
        busy = self._locks.get(channel)
        return max(0.05 if busy and busy.locked() else 0.0, second - time.monotonic())

    @asynccontextmanager
    async def write(self, channel: int) -> AsyncIterator[None]:
        """Wait for a free write and use it. One write after the other, in the order of asking."""
        async with self._locks.setdefault(channel, asyncio.Lock()):
            slots = self._slots(channel)
            free = heapq.heappop(slots)
            try:
                await asyncio.sleep(max(0.0, free - time.monotonic()))
                free = float("inf")
                yield
            finally:
                # Counted from the answer on: nobody knows when the request arrived.
                heapq.heappush(slots, time.monotonic() + WINDOW_S if free == float("inf") else free)
