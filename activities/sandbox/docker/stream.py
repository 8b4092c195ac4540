"""The streams of a process that the daemon starts in a container.

For these alone the SDK is not used: it would need a thread for each process, and gives no bound to a write. The
daemon answers the request to start by making the connection the process's input and output.
"""

import asyncio
import json
from contextlib import suppress

from activities.sandbox.docker.address import Address
from clara.errors import Unavailable

ANSWER_S = 15.0
CLOSE_S = 2.0
READ = 1 << 16
_HEADER = 8
_SWITCHED = (b"101", b"200")


class ExecStream:
    """A ``Channel``: the output comes in pieces with a header, see "Stream format" of Docker's API."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._left = 0
        """Bytes to come of the present piece."""

    async def read(self) -> bytes:
        while self._left == 0:
            try:
                header = await self._reader.readexactly(_HEADER)
            except asyncio.IncompleteReadError:
                return b""
            self._left = int.from_bytes(header[4:], "big")
        data = await self._reader.read(min(self._left, READ))
        self._left -= len(data)
        return data

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._writer.wait_closed()


async def start(address: Address, process: str, version: str) -> ExecStream:
    """Start the process that ``exec_create`` has made. Raises Unavailable."""
    body = json.dumps({"Detach": False, "Tty": False}).encode()
    request = (
        f"POST /v{version}/exec/{process}/start HTTP/1.1\r\nHost: {address.authority}\r\n"
        "Content-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await address.connect()
            try:
                writer.write(request.encode() + body)
                await _switched(reader)
            except BaseException:
                writer.close()
                raise
    except TimeoutError:
        raise Unavailable(f"Docker did not start a process within {ANSWER_S:.0f} s.", "timeout") from None
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        raise Unavailable("Docker ended the connection to a process that was to be started.") from error
    return ExecStream(reader, writer)


async def _switched(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    if not status or status[0] not in _SWITCHED:
        raise Unavailable("Docker refused to start a process; the box has probably just ended.", "lost")
