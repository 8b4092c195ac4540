"""One connection from a box: a tunnel, or one request in plain HTTP.

The heads of messages are h11's, so that both sides mean the same request by the same bytes. Each connection carries one
request and is closed: nothing can be smuggled behind it.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any
from urllib.parse import urlsplit

import h11

from activities.sandbox.proxy.gate import Far, Gate, ProxyLimits, Refused
from activities.sandbox.proxy.hello import Hello
from clara.hosts import canonical

PIECE = 64 * 1024
HEAD = 16 * 1024
"""Bytes of the head of a message."""

TUNNELLED, PLAIN = 443, 80

_OF_ONE_HOP = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"proxy-authenticate"),
    *(b"te", b"trailer", b"upgrade"),
}
Headers = Iterable[tuple[bytes, bytes]]


class Exchange:
    def __init__(
        self, gate: Gate, limits: ProxyLimits, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._gate = gate
        self._limits = limits
        self._reader = reader
        self._writer = writer
        self._near = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD)
        self._far: Far | None = None

    async def run(self) -> None:
        """Serve it until it ends; what goes wrong is answered where it still can be."""
        loop = asyncio.get_running_loop()
        self._ends = loop.time() + self._limits.total_s
        try:
            async with asyncio.timeout(self._limits.head_s) as self._patience:
                request = await self._event(self._near, self._reader)
                if isinstance(request, h11.Request):
                    self._patience.reschedule(self._ends)  # connecting has bounds of its own
                    await (self._tunnel(request) if request.method == b"CONNECT" else self._forward(request))
        except Refused as error:
            await self._answer(error.status, str(error))
        except TimeoutError:
            await self._answer(504, "That took too long.")
        except h11.LocalProtocolError:
            await self._answer(502, "The host's answer cannot be passed on.")
        except h11.RemoteProtocolError:
            await self._answer(*((502, "The host's answer is no HTTP.") if self._far else (400, "That is no HTTP.")))
        except OSError:
            await self._answer(502, "The connection broke.")
        finally:
            self._writer.close()
            if self._far is not None:
                self._far.writer.close()

    async def _tunnel(self, request: h11.Request) -> None:
        host, port = _authority(request.target.decode("ascii"))
        if port == PLAIN:
            raise Refused(403, "No tunnel leads to port 80; ask for http:// without one.")
        far = self._far = await self._gate.connect(host, port)
        self._writer.write(self._near.send(h11.Response(status_code=200, headers=[], reason=b"Connected")) or b"")
        await self._writer.drain()
        first, _ = self._near.trailing_data
        self._moved(len(first))
        if port == TUNNELLED and not far.is_address:
            first = await self._checked(first, far.host)
        far.writer.write(first)
        await _both(self._pump(self._reader, far.writer), self._pump(far.reader, self._writer))

    async def _checked(self, first: bytes, host: str) -> bytes:
        """The beginning of a tunnel, if it is one of TLS with ``host``."""
        hello, seen = Hello(), first
        hello.feed(first)
        while not hello.is_read:
            data = await self._reader.read(PIECE)
            if not data:
                raise ConnectionResetError
            self._moved(len(data))
            seen += data
            hello.feed(data)
        if hello.name is None:
            raise self._gate.refusal(
                f"What was sent to {host}:{TUNNELLED} is not TLS with that host, so it was not passed on."
            )
        if canonical(hello.name) != host:
            raise self._gate.refusal(f"A tunnel to {host} was used for another host, so nothing was passed on.")
        return seen

    async def _forward(self, request: h11.Request) -> None:
        host, port, path = _absolute(request.target.decode("ascii"))
        if port == TUNNELLED:
            raise Refused(403, "Nothing goes to port 443 in plain HTTP; ask for https:// instead.")
        far = self._far = await self._gate.connect(host, port)
        beyond = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        authority = f"[{far.host}]" if ":" in far.host else far.host
        headers = [
            (b"host", (authority if port == PLAIN else f"{authority}:{port}").encode()),
            *_kept(request.headers, b"host"),
            (b"connection", b"close"),
        ]
        far.writer.write(beyond.send(h11.Request(method=request.method, target=path, headers=headers)) or b"")
        sending = self._relay(self._near, self._reader, beyond, far.writer)
        answering = self._relay(beyond, far.reader, self._near, self._writer)
        await _both(sending, answering, until_second=True)

    async def _relay(
        self,
        source: h11.Connection,
        reader: asyncio.StreamReader,
        target: h11.Connection,
        writer: asyncio.StreamWriter,
    ) -> None:
        """The rest of a message, from one side to the other."""
        while True:
            event = await self._event(source, reader)
            match event:
                case h11.InformationalResponse() | h11.Response():
                    headers = [*_kept(event.headers), (b"connection", b"close")]
                    event = type(event)(status_code=event.status_code, headers=headers, reason=event.reason)
                case h11.Data() | h11.EndOfMessage():
                    pass
                case _:
                    raise ConnectionResetError
            writer.write(target.send(event) or b"")
            await writer.drain()
            if isinstance(event, h11.EndOfMessage):
                return

    async def _event(self, connection: h11.Connection, reader: asyncio.StreamReader) -> object:
        while (event := connection.next_event()) is h11.NEED_DATA:
            data = await reader.read(PIECE)
            if self._far is not None:
                self._moved(len(data))
            connection.receive_data(data)
        return event

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(PIECE):
            self._moved(len(data))
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    def _moved(self, size: int) -> None:
        self._gate.count(size)
        if self._patience.expired():
            return
        soon = asyncio.get_running_loop().time() + self._limits.idle_s
        self._patience.reschedule(min(soon, self._ends))

    async def _answer(self, status: int, sentence: str) -> None:
        """Say what went wrong, where no other answer has begun."""
        if self._near.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        body = f"{sentence}\n".encode()
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        reason = sentence.encode("ascii", "replace")  # pip and curl show this line, and nothing of the body
        try:
            for event in (h11.Response(status_code=status, headers=headers, reason=reason), h11.Data(data=body)):
                self._writer.write(self._near.send(event) or b"")
            self._writer.write(self._near.send(h11.EndOfMessage()) or b"")
            async with asyncio.timeout(self._limits.head_s):
                await self._writer.drain()
        except (OSError, TimeoutError, h11.LocalProtocolError):
            pass  # whoever asked has left, or was speaking something else


async def _both(
    first: Coroutine[Any, Any, None], second: Coroutine[Any, Any, None], until_second: bool = False
) -> None:
    """Both at the same time until both have ended, or the second alone; the first that fails ends the other."""
    tasks = [asyncio.create_task(first), asyncio.create_task(second)]
    pending = set(tasks)
    try:
        while pending and not (until_second and tasks[1].done()):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _kept(headers: Headers, *others: bytes) -> list[tuple[bytes, bytes]]:
    """Those that are meant for the other end."""
    named = {
        each.strip().lower() for name, value in headers if name.lower() == b"connection" for each in value.split(b",")
    }
    return [(name, value) for name, value in headers if name.lower() not in _OF_ONE_HOP | named | set(others)]


def _authority(target: str) -> tuple[str, int]:
    """Host and port of a tunnel's target."""
    host, colon, port = target.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise Refused(400, "A tunnel needs a host and a port.")
    return host, int(port)


def _absolute(target: str) -> tuple[str, int, str]:
    """Host, port and path of the URL that a proxy is asked for."""
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port or PLAIN
    except ValueError:
        raise Refused(400, "That is not a URL.") from None
    if parts.scheme != "http" or not host or "@" in parts.netloc:
        raise Refused(400, "Only http:// and a host can be asked for here, without a name or password.")
    return host, port, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
