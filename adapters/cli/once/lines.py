"""Standard input by lines, without blocking anything else."""

import asyncio
import sys
import threading
from collections import deque


class Lines:
    """The lines of standard input, in order; None is its end."""

    def __init__(self) -> None:
        self._lines: deque[str | None] = deque()
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # A daemon, because nothing can wake it from reading when the chat is left.
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def _read(self) -> None:
        for line in iter(sys.stdin.buffer.readline, b""):
            self._hand_over(line.decode("utf-8", "replace"))
        self._hand_over(None)

    def _hand_over(self, line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._put, line)
        except RuntimeError:  # the loop is closed: nobody reads any more
            return

    def _put(self, line: str | None) -> None:
        self._lines.append(line)
        self._arrived.set()

    async def peek(self) -> str | None:
        """The next line, which stays the next."""
        while not self._lines:
            self._arrived.clear()
            await self._arrived.wait()
        return self._lines[0]

    async def take(self) -> str | None:
        await self.peek()
        return self._lines.popleft()
