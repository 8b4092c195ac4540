"""The output of a local server, bounded before anything parses it."""

import asyncio
import time
from collections.abc import Iterator

from activities.plugins.running.wire.scrubbing import Scrubber

LONGEST = 2 * 10**6
"""Bytes of a line, which is one message. The SDK itself knows no bound, and slows down with the square of it."""

SIZE_PER_S = 32 * 2**20
LINES_PER_S = 500
"""What is taken in a second. More is left in the pipe, so a server that floods waits; nobody else does."""

LAST = 4_000
"""Bytes of its last words that are kept."""


class TooLong(Exception):
    """A line does not end."""


class Lines:
    """Pieces in, lines out."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._begun = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises TooLong, also for a line that is still to come to its end."""
        first, *more = data.split(b"\n")
        self._add(first)
        for piece in more:
            yield bytes(self._begun)
            self._begun.clear()
            self._add(piece)

    def _add(self, piece: bytes) -> None:
        if len(self._begun) + len(piece) > self._longest:
            self._begun.clear()
            raise TooLong
        self._begun += piece


class Pace:
    """Waits where more comes in a second than is taken."""

    def __init__(self, size: int = SIZE_PER_S, lines: int = LINES_PER_S) -> None:
        self._most = (size, lines)
        self._began = time.monotonic()
        self._size = self._lines = 0

    async def take(self, size: int, lines: int) -> None:
        now = time.monotonic()
        if now - self._began >= 1:
            self._began, self._size, self._lines = now, 0, 0
        self._size += size
        self._lines += lines
        if self._size > self._most[0] or self._lines > self._most[1]:
            await asyncio.sleep(max(0.0, self._began + 1 - now))


class LastWords:
    """The end of what a server wrote for people, without secrets."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._kept = bytearray()

    def add(self, data: bytes) -> None:
        # Twice as much as is shown, so that a secret at the edge is still whole where it is looked for.
        self._kept += data[-2 * LAST :]
        del self._kept[: -2 * LAST]

    def __str__(self) -> str:
        text = self._scrubber.text(self._kept.decode(errors="replace"))
        visible = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        return visible.strip()[-LAST:]
