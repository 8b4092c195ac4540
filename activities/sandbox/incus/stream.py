"""The streams of a process in an instance: a WebSocket each."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    UnixConnector,
    WSMsgType,
)

from activities.sandbox.incus.address import Address
from clara.errors import Unavailable

ANSWER_S = 15.0
CLOSE_S = 2.0
LARGEST = 1 << 22
AHEAD = 64
"""Messages that may wait to be sent."""


class ExecStream:
    """A ``Channel``. The control stream is left alone: where it breaks, the server kills the process itself, and the
    supervisor could end nothing any more."""

    def __init__(self, session: ClientSession, sockets: tuple[ClientWebSocketResponse, ...]) -> None:
        self._session = session
        self._input, self._output, self._errors = sockets
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = asyncio.Event()
        self._sender = asyncio.create_task(self._send())

    async def read(self) -> bytes:
        message = await self._output.receive()
        if message.type == WSMsgType.BINARY:
            return bytes(message.data) or await self.read()
        return b""

    def write(self, data: bytes) -> None:
        self._unsent.put_nowait(data)

    async def drain(self) -> None:
        while self._unsent.qsize() > AHEAD and not self._sender.done():
            self._room.clear()
            await self._room.wait()

    async def close(self) -> None:
        self._sender.cancel()
        with suppress(OSError, ClientError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for each in (self._input, self._output, self._errors):
                    await each.close()
        await self._session.close()

    async def _send(self) -> None:
        try:
            while True:
                await self._input.send_bytes(await self._unsent.get())
                self._room.set()
        except (OSError, ClientError):
            return  # the reader hears of it
        finally:
            self._room.set()


async def start(address: Address, operation: str, secrets: Mapping[str, str]) -> ExecStream:
    """Take up the streams of a process that ``Server.exec`` has prepared, which starts it. Raises Unavailable."""
    if address.socket is not None:
        session = ClientSession("http://incus", connector=UnixConnector(str(address.socket)))
    else:
        session = ClientSession(address.url, connector=TCPConnector(ssl=address.tls() or True))
    try:
        async with asyncio.timeout(ANSWER_S):
            sockets = [
                await session.ws_connect(
                    f"/1.0/operations/{operation}/websocket",
                    params={"secret": secrets[number]},
                    max_msg_size=LARGEST,
                    autoping=True,
                )
                for number in ("0", "1", "2")
            ]
    except (OSError, ClientError, TimeoutError) as error:
        await session.close()
        raise Unavailable("Incus did not start a process in the sandbox.", "lost") from error
    except BaseException:
        await session.close()
        raise
    return ExecStream(session, (sockets[0], sockets[1], sockets[2]))
