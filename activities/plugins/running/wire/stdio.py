"""A local server: MCP over the streams of a process in a box. Loads the SDK."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCMessage, jsonrpc_message_adapter

from activities.plugins.running.faults import ServerFault
from activities.plugins.running.wire.confinement import Confinement
from activities.plugins.running.wire.lines import LONGEST, LastWords, Lines, Pace, TooLong
from activities.plugins.running.wire.link import Link
from activities.plugins.running.wire.scrubbing import Scrubber
from activities.sandbox.backend import Process
from clara.errors import ClaraError
from clara.files import size_in_words
from clara.plugins.plugin import Plugin

LEAVE_S = 1.0
"""A server may end by itself within this time after the end of its input; then it is killed."""

READS_S = 10.0
"""A server that does not take a message from its input within this time has hung."""

SHOWN = 500
"""Bytes of a line that is no message, which are kept for people."""

Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def local(
    confinement: Confinement, plugin: Plugin, user_id: str, values: Mapping[str, str]
) -> AsyncIterator[Link]:
    """A link to a server that runs until it is left."""
    async with confinement.start(plugin, user_id, values) as started:
        yield _Stdio(plugin.name, started.process, Scrubber(values.values())).link


class _Stdio:
    def __init__(self, who: str, process: Process, scrubber: Scrubber) -> None:
        self._who = who
        self._process = process
        self._words = LastWords(scrubber)
        self._fault: ClaraError | None = None
        self.link = Link(self._transport(), scrubber, said=lambda: str(self._words), fault=lambda: self._fault)

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[Streams]:
        send_in, receive_in = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        send_out, receive_out = anyio.create_memory_object_stream[SessionMessage](0)
        reading = asyncio.create_task(self._read(send_in), name=f"reading from the plugin {self._who}")
        writing = asyncio.create_task(self._write(receive_out, send_in), name=f"writing to the plugin {self._who}")
        try:
            yield receive_in, send_out
        finally:
            for stream in (send_in, receive_in, send_out, receive_out):
                stream.close()
            await self._leave(reading, writing)

    async def _leave(self, reading: "asyncio.Task[None]", writing: "asyncio.Task[None]") -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_S):
                    await asyncio.wait([writing])
                    await self._process.close_input()
                    await asyncio.wait([reading])
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait([reading, writing])
            await self._process.kill()

    async def _read(self, messages: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Until the end of its output, also when nobody wants its messages any more."""
        lines, pace = Lines(), Pace()
        try:
            async with aclosing(self._process.output()) as output:
                async for stream, data in output:
                    await pace.take(len(data), 0)
                    if stream == "err":
                        self._words.add(data)
                        continue
                    for line in lines.feed(data):
                        if (message := self._parsed(line)) is not None:
                            await pace.take(0, 1)
                            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                                await messages.send(SessionMessage(message))
        except TooLong:
            self._end(f"sent a message of more than {size_in_words(LONGEST)}, so it was ended", "flooded")
        except ClaraError as error:
            self._fault = error
        finally:
            if self._fault is None:
                self._end(await self._how(), "ended")
            self.link.gone.set()
            messages.close()

    async def _how(self) -> str:
        try:
            async with asyncio.timeout(LEAVE_S):
                code = await self._process.wait()
        except TimeoutError:
            return "closed its output"
        return f"was ended. {self._process.verdict}".rstrip(".") if self._process.verdict else f"ended with code {code}"

    def _end(self, how: str, kind: str) -> None:
        self._fault = ServerFault(f"The plugin {self._who} {how}.", kind, said=str(self._words))

    def _parsed(self, line: bytes) -> JSONRPCMessage | None:
        """A message; None for whatever else a program prints, which is kept for people."""
        if line.lstrip()[:1] == b"{":
            with suppress(ValueError, RecursionError):
                return jsonrpc_message_adapter.validate_json(line, by_name=False)
            with suppress(ValueError, RecursionError):
                return jsonrpc_message_adapter.validate_json(_whole_characters(line), by_name=False)
        self._words.add(line[:SHOWN] + b"\n")
        return None

    async def _write(
        self,
        messages: MemoryObjectReceiveStream[SessionMessage],
        incoming: MemoryObjectSendStream[SessionMessage | Exception],
    ) -> None:
        try:
            async for each in messages:
                line = each.message.model_dump_json(by_alias=True, exclude_unset=True) + "\n"
                async with asyncio.timeout(READS_S):
                    await self._process.write(line.encode())
        except (BrokenPipeError, anyio.ClosedResourceError):
            pass  # reading tells how it ended
        except TimeoutError:
            self._end(f"did not read what it was sent within {READS_S:g} s", "stuck")
            self.link.gone.set()
            incoming.close()


def _whole_characters(line: bytes) -> bytes:
    """JSON without halves of characters, which JavaScript makes where it cuts an emoji in two."""
    return json.dumps(json.loads(line), ensure_ascii=False).encode(errors="replace")
