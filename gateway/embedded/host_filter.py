"""Lets through to the Temporal Web UI only requests that name this machine itself.

It answers to whatever name it is called by. So a web page anywhere could have its own name point
to 127.0.0.1, and its script, run by the browser of whoever looks at it, could then read and end turns
("DNS rebinding"). A browser always says which name it asked for.

Needs nothing but the standard library, and takes two connections for each request: no state is kept.
"""

import asyncio
import sys
from contextlib import suppress

NAMES = {b"127.0.0.1", b"localhost", b"[::1]"}
HEAD_BYTES = 64 * 1024
HEAD_S = 10
EXCHANGE_S = 300
"""The Web UI waits for news of a turn with requests that last a minute."""
CONNECTIONS = 200

_REFUSED = b"The Temporal Web UI is only shown at http://127.0.0.1 or http://localhost.\n"
_AWAY = b"Temporal does not answer yet.\n"


def checked(head: bytes) -> bytes | None:
    """The head of a request as it may be passed on, made the last of its connection; None if it may not."""
    request, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    hosts = [value for name, value in fields if name == b"host"]
    words = request.split(b" ")
    if len(words) != 3 or not words[1].startswith(b"/") or len(hosts) != 1:
        return None
    name, colon, port = hosts[0].rpartition(b":")
    if (name if colon and port.isdigit() else hosts[0]).lower() not in NAMES:
        return None
    kept = [line for line, (name, _) in zip(lines, fields, strict=True) if name != b"connection"]
    return b"\r\n".join([request, *kept, b"Connection: close", b"", b""])


class Filter:
    """Listens in place of ``upstream``, a server of HTTP/1."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._open = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which is one request."""
        self._open += 1
        try:
            # The other side went away, said nothing in time or too much at once: there is nobody to tell.
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                if self._open <= CONNECTIONS:
                    await self._exchange(reader, writer)
        finally:
            self._open -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_S):
            head = checked(await reader.readuntil(b"\r\n\r\n"))
        if head is None:
            return await _say(writer, b"403 Forbidden", _REFUSED)
        try:
            answers, questions = await asyncio.open_connection(*self._upstream)
        except OSError:
            return await _say(writer, b"502 Bad Gateway", _AWAY)
        questions.write(head)
        asking = asyncio.create_task(_pump(reader, questions))
        try:
            async with asyncio.timeout(EXCHANGE_S):
                await _pump(answers, writer)
        finally:
            asking.cancel()
            questions.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(HEAD_BYTES):
            writer.write(data)
            await writer.drain()


async def _say(writer: asyncio.StreamWriter, status: bytes, text: bytes) -> None:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    writer.write(head % (status, len(text)) + text)
    await writer.drain()


async def serve(port: int, upstream: tuple[str, int]) -> None:
    """Listen on loopback until this process is ended."""
    server = await asyncio.start_server(Filter(upstream).answer, "127.0.0.1", port, limit=HEAD_BYTES)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), (sys.argv[2], int(sys.argv[3]))))
