"""The worker's side of a command that a supervisor runs in a box: a ``Process`` of the back ends' protocol."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Protocol

from activities.sandbox.backend import Limits, Stream
from activities.sandbox.supervised.channel import Channel
from activities.sandbox.supervised.inside import frames
from clara.errors import Unavailable

HELLO_S = 20.0
"""A box whose processes take all of the CPU takes its time to begin another."""

KILL_S = 8.0
"""A supervisor ends all in four seconds where it gets its turn, see ``inside.tree``."""

CHUNKS = 16
"""Read ahead of whoever iterates the output; each is 64 KiB at most."""

PIECE = 1 << 15

_STREAMS: Mapping[bytes, Stream] = {frames.OUT: "out", frames.ERR: "err"}


KILLED = 128 + 9


class NotStarted(Exception):
    """No supervisor answered, but something else, which is the message."""


class Surroundings(Protocol):
    """What a back end knows of the box around a process."""

    limits: Limits

    async def code(self) -> int | None:
        """The exit code of the supervisor, if it was ended inside of a box that lives on. Raises Unavailable."""

    async def end(self) -> None:
        """End the box with all that runs in it. Raises Unavailable."""


class SupervisedProcess:
    """Made by ``begin``."""

    def __init__(self, channel: Channel, surroundings: Surroundings) -> None:
        self._channel = channel
        self._surroundings = surroundings
        self._chunks: asyncio.Queue[tuple[Stream, bytes] | None] = asyncio.Queue(CHUNKS)
        self._open = set(_STREAMS)
        self._discard = False
        self._exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fault: Unavailable | None = None
        self._ended = asyncio.Event()
        self._gone = False
        self.stopped = False
        """Set by who is about to end its box, which is no fault then."""
        self.verdict = ""
        self._deaf = False
        self._window = frames.WINDOW
        self._room = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def begin(cls, channel: Channel, order: frames.Order, surroundings: Surroundings) -> "SupervisedProcess":
        """Hand a supervisor its order. Raises NotStarted, or Unavailable where it is silent."""
        process = cls(channel, surroundings)
        process._tasks = [asyncio.create_task(process._listen()), asyncio.create_task(process._beat())]
        try:
            process._say(frames.START, order.packed())
            async with asyncio.timeout(HELLO_S):
                await asyncio.shield(process._begun)
        except TimeoutError:
            await process.kill()
            raise Unavailable("The sandbox did not start a process in time.", "timeout") from None
        except BaseException:
            await process._close()
            raise
        return process

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            async with self._room:
                await self._room.wait_for(lambda: self._window >= PIECE or self._deaf or self._ended.is_set())
                if self._deaf or self._ended.is_set():
                    raise BrokenPipeError("the process reads no more")
                self._window -= len(piece)
            self._say(frames.INPUT, piece)
            with suppress(OSError):  # the listener hears of it
                await self._channel.drain()

    async def close_input(self) -> None:
        self._say(frames.CLOSE)

    async def output(self) -> AsyncGenerator[tuple[Stream, bytes], None]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk
        if self._fault is not None and not self._discard:
            raise self._fault

    async def wait(self) -> int:
        return await asyncio.shield(self._exit)

    async def kill(self) -> None:
        self._forget()
        try:
            if not self._ended.is_set():
                self._say(frames.KILL)
                with suppress(TimeoutError):
                    async with asyncio.timeout(KILL_S):
                        await self._ended.wait()
            if not self._gone and not self.stopped:
                await self._surroundings.end()
                self._gone = True
        finally:
            await self._close()

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def _forget(self) -> None:
        """Nobody reads the output any more, so it must not hold up what comes behind it."""
        self._discard = True
        while not self._chunks.empty():
            self._chunks.get_nowait()
        if self._ended.is_set():
            self._chunks.put_nowait(None)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._channel.close()

    def _say(self, kind: bytes, data: bytes = b"") -> None:
        with suppress(OSError):  # the listener hears of it
            self._channel.write(frames.pack(kind, data))

    async def _beat(self) -> None:
        while not self._ended.is_set():
            await asyncio.sleep(frames.BEAT_S)
            self._say(frames.ALIVE)

    async def _listen(self) -> None:
        """Until the supervisor has ended or falls silent."""
        parser = frames.Parser()
        try:
            while True:
                async with asyncio.timeout(frames.SILENCE_S):
                    data = await self._channel.read()
                if not data:
                    raise OSError("the supervisor is gone")
                for kind, content in parser.feed(data):
                    await self._hear(kind, content)
                if self._gone:
                    break
        except frames.NotFrames as other:
            self._refuse(other.text.decode(errors="replace"))
        except (OSError, TimeoutError) as error:
            await self._lose(isinstance(error, TimeoutError))
        finally:
            await self._finish()

    def _refuse(self, text: str) -> None:
        self._fault = Unavailable("The sandbox could not start a process.", "not_started")
        if not self._begun.done():
            self._begun.set_exception(NotStarted(text))

    async def _lose(self, silent: bool) -> None:
        """The supervisor ended without a word, or said none for too long."""
        code = KILLED if self.stopped else None
        if code is None and self._begun.done() and not silent:
            with suppress(Unavailable):
                code = await self._surroundings.code()
        if code is None and not self.stopped:
            self._fault = Unavailable("The sandbox lost the process: its box or the daemon that runs it ended.", "lost")
        elif not self._exit.done():
            self._exit.set_result(KILLED if code is None else code)

    async def _finish(self) -> None:
        fault = self._fault or Unavailable("The sandbox ended the process before it had ended itself.", "lost")
        for future in (self._begun, self._exit):
            if not future.done():
                future.set_exception(fault)
                future.exception()  # also where nobody asks
        self._ended.set()
        async with self._room:
            self._room.notify_all()
        await self._chunks.put(None)

    async def _hear(self, kind: bytes, content: bytes) -> None:
        if kind in _STREAMS:
            await self._pass_on(kind, content)
        elif kind == frames.HELLO and not self._begun.done():
            self._begun.set_result(None)
        elif kind == frames.EXIT and not self._exit.done():
            self._exit.set_result(int(content))
        elif kind == frames.VERDICT:
            self.verdict = verdict(content, self._surroundings.limits)
        elif kind == frames.GONE:
            self._gone = True
        elif kind in (frames.TAKEN, frames.DEAF):
            async with self._room:
                self._window += int(content or b"0")
                self._deaf = self._deaf or kind == frames.DEAF
                self._room.notify_all()

    async def _pass_on(self, kind: bytes, content: bytes) -> None:
        if content:
            if not self._discard:
                await self._chunks.put((_STREAMS[kind], content))
            return
        self._open.discard(kind)
        if not self._open:
            await self._chunks.put(None)


def verdict(why: bytes, limits: Limits) -> str:
    if why == frames.DISK:
        return (
            f"The files in the sandbox reached their limit of {limits.disk_mib} MiB, so it was ended. "
            "Delete what is not needed, then go on."
        )
    return f"It used more than the {limits.memory_mib} MiB of memory that there are, so it was ended."
