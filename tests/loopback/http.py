"""An HTTP server that answers as a test says, byte by byte: well-behaved libraries cannot misbehave enough."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request: the first line, the headers in small letters, the body."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(
    body: bytes = b"hello", status: str = "200 OK", close: bool = False, **headers: str
) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """A plain answer; names of headers have underscores. ``content_length`` may lie."""
    sent = {"content_type": "text/plain", "content_length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items())]

    async def respond(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        if close:
            writer.close()

    return respond


def redirect(location: str, status: str = "302 Found") -> Respond:
    return answer(b"", status, location=location)


async def silence(_: asyncio.StreamWriter) -> None:
    """Nothing, for ever."""
    await asyncio.sleep(3600)


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that no pause between two is long."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless(writer: asyncio.StreamWriter) -> None:
    """A body without an end, as fast as it is read."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        await writer.drain()


@dataclass
class Server:
    """``routes`` says what to answer to each path."""

    routes: dict[str, Respond] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    ssl: object = None
    asked: list[Asked] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self.ssl)  # type: ignore[call-overload]
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *lines = head.decode("latin-1").strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(line, headers, body))
                path = line.split(" ")[1].partition("?")[0]
                await self.routes.get(path, answer(b"", "404 Not Found"))(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has left, or the test
        finally:
            self._tasks.discard(task)
            writer.close()
