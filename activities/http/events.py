"""The bytes of a stream of events, bounded: how many, how long one event, how fast.

The SDKs of model providers read whatever comes: an event without an end is collected whole, a compressed answer is
unpacked whole, and an endless stream keeps the loop to itself. What is counted here is what they
would read, after unpacking.
"""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx2

from activities.http.client import ERROR_BYTES
from activities.http.faults import Flooded

STREAM_BYTES = 64 * 2**20
"""Of one answer. A token comes in an event of up to 300 bytes, so 128,000 of them, the most, make 38 MB."""

EVENT_BYTES = 2 * 2**20
"""Of one event. Some services send an answer in a single one: at most 128,000 tokens, with escapes 1 MB."""

EVENT_LINES = 64
"""Of one event, which has two or three; the SDKs copy the event for each."""

SLICE_BYTES = 4 * 1024
PAUSE_S = 0.0025
"""After each slice others have their turn: 1.6 MB/s are more than twice what the fastest models send."""


_END_OF_EVENT = re.compile(rb"\r?\n\r?\n|\r\r")


async def bound(response: httpx2.Response) -> None:
    """A response hook of an HTTP client: from here on the body is unpacked, counted, and read with pauses."""
    packed = httpx2.Response(response.status_code, headers=response.headers, stream=response.stream)
    response.stream = _Bounded(packed, not response.is_success)
    for name in ("content-encoding", "content-length"):
        response.headers.pop(name, None)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, packed: httpx2.Response, is_error: bool):
        self._packed = packed
        self._slices = self._first(ERROR_BYTES) if is_error else self._events()

    def __aiter__(self) -> AsyncIterator[bytes]:
        # The same one each time: after the last event the SDK reads the rest, to use the connection again.
        return self._slices

    async def aclose(self) -> None:
        await self._packed.aclose()

    async def _first(self, limit: int) -> AsyncIterator[bytes]:
        async for chunk in self._packed.aiter_bytes():
            yield chunk[:limit]
            limit -= len(chunk)
            if limit <= 0:
                break

    async def _events(self) -> AsyncIterator[bytes]:
        total = unpaused = 0
        event = _Event()
        async for chunk in self._packed.aiter_bytes():
            for start in range(0, len(chunk), SLICE_BYTES):
                piece = chunk[start : start + SLICE_BYTES]
                total += len(piece)
                event.add(piece)
                if total > STREAM_BYTES or event.is_too_long:
                    raise Flooded
                yield piece
                unpaused += len(piece)
                if unpaused >= SLICE_BYTES:
                    unpaused = 0
                    await asyncio.sleep(PAUSE_S)


class _Event:
    """The size of the event that the bytes so far end in."""

    def __init__(self) -> None:
        self._bytes = self._lines = 0
        self._tail = b""
        self.is_too_long = False

    def add(self, piece: bytes) -> None:
        parts = _END_OF_EVENT.split(self._tail + piece)
        self._bytes -= len(self._tail)
        self._lines -= _lines(self._tail)
        for number, part in enumerate(parts):
            if number:
                self._bytes = self._lines = 0
            self._bytes += len(part)
            self._lines += _lines(part)
            self.is_too_long |= self._bytes > EVENT_BYTES or self._lines > EVENT_LINES
        self._tail = parts[-1][-3:]  # the end of an event may be cut in two


def _lines(part: bytes) -> int:
    return part.count(b"\n") + part.count(b"\r")
