"""A way to Postgres that can be cut: for a database that is away for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Cable:
    """Forwards connections to a server until it is cut, and again when it is mended."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._whole = True
        self.url = ""
        self.cuts = 0

    def cut(self) -> None:
        """Break what is open and refuse what comes."""
        self._whole = False
        self.cuts += 1
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        self._whole = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        ends = {writer, back}
        self._open |= ends
        try:
            await asyncio.gather(_forward(reader, back), _forward(there, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.transport.abort()


@asynccontextmanager
async def cable(url: str) -> AsyncIterator[Cable]:
    """A cable to the database at ``url``; its own ``url`` leads there."""
    made = Cable(url)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made.url = url.replace(f":{urlsplit(url).port}/", f":{port}/")
    try:
        yield made
    finally:
        made.cut()
        server.close()
