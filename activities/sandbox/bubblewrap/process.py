"""One process in a box, with all that it starts: a process-id namespace, which ends with its first process."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process as Subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from activities.sandbox.backend import Stream
from clara.errors import Unavailable

CHUNK = 64 * 1024
AHEAD = 4
"""Chunks that are taken from a process before somebody reads them."""

BEGIN_S = 10.0
END_S = 5.0

KILLED = 128 + 9


class BubblewrapProcess:
    """``outer`` is bubblewrap, which waits for the namespace; ``info`` is where it tells of the namespace's init.

    ``judged`` says why the kernel may have killed it; ``written`` is set at each input.
    """

    def __init__(self, outer: Subprocess, info: int, judged: Callable[[], str], written: asyncio.Event) -> None:
        self._outer = outer
        self._judged = judged
        self._written = written
        self._init = asyncio.create_task(_opened(outer.pid, info))
        self._is_gone = False
        self._is_read = False
        self._draining = asyncio.Lock()
        self.verdict = ""

    @property
    def pid(self) -> int:
        return self._outer.pid

    @property
    def running(self) -> bool:
        return self._outer.returncode is None

    async def write(self, data: bytes) -> None:
        assert self._outer.stdin is not None
        self._written.set()
        try:
            self._outer.stdin.write(data)
            await self._outer.stdin.drain()
        except ConnectionResetError as error:
            raise BrokenPipeError from error

    async def close_input(self) -> None:
        assert self._outer.stdin is not None
        self._outer.stdin.close()
        with suppress(BrokenPipeError, ConnectionResetError):
            await self._outer.stdin.wait_closed()

    async def output(self) -> AsyncGenerator[tuple[Stream, bytes], None]:
        assert self._outer.stdout is not None
        assert self._outer.stderr is not None
        chunks: asyncio.Queue[tuple[Stream, bytes] | None] = asyncio.Queue(AHEAD)

        async def pump(name: Stream, source: asyncio.StreamReader) -> None:
            while data := await source.read(CHUNK):
                await chunks.put((name, data))
            await chunks.put(None)

        pumps = [
            asyncio.create_task(pump("out", self._outer.stdout)),
            asyncio.create_task(pump("err", self._outer.stderr)),
        ]
        self._is_read = True
        try:
            open_streams = len(pumps)
            while open_streams:
                chunk = await chunks.get()
                if chunk is None:
                    open_streams -= 1
                else:
                    yield chunk
        finally:
            for each in pumps:
                each.cancel()
            await asyncio.wait(pumps)
            self._is_read = False

    async def wait(self) -> int:
        # Not by asyncio's own wait, which is over only when both streams have been read to their end.
        async with _watched(_descriptor(self._outer.pid) if self.running else None) as ended:
            await ended.wait()
        while self._outer.returncode is None:  # noqa: ASYNC110 -- asyncio is about to hear of it
            await asyncio.sleep(0.001)
        init = await asyncio.shield(self._init)
        if init is not None and not self._is_gone:
            try:
                async with _watched(os.dup(init)) as gone, asyncio.timeout(END_S):
                    await gone.wait()
            except TimeoutError:
                raise Unavailable("a process in the sandbox does not end", "stuck") from None
        self._close()
        code = self._outer.returncode if self._outer.returncode >= 0 else 128 - self._outer.returncode
        if code == KILLED:
            self.verdict = self.verdict or self._judged()
        return code

    async def kill(self) -> None:
        # The init first: bubblewrap may not have told it yet to end with bubblewrap.
        init = await asyncio.shield(self._init)
        if init is not None and not self._is_gone:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(init, signal.SIGKILL)
        if self.running and (outer := _descriptor(self._outer.pid)) is not None:
            # Not by asyncio's own kill, which may take note of the end and keep it from who waits for it.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(outer, signal.SIGKILL)
            os.close(outer)
        await self.wait()
        if not self._is_read:
            await self._drain()

    async def _drain(self) -> None:
        """What nobody wants is read, because pipes stay open until their end was."""
        async with self._draining:
            for source in (self._outer.stdout, self._outer.stderr):
                assert source is not None
                while await source.read(CHUNK):
                    pass

    def _close(self) -> None:
        if not self._is_gone and self._init.done() and (init := self._init.result()) is not None:
            os.close(init)
        self._is_gone = True


@asynccontextmanager
async def _watched(descriptor: int | None) -> AsyncIterator[asyncio.Event]:
    """Set once the process of this descriptor has ended, or where there is none. Closes the descriptor."""
    ended = asyncio.Event()
    if descriptor is None:
        ended.set()
        yield ended
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    try:
        yield ended
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _opened(outer: int, info: int) -> int | None:
    """A descriptor of the namespace's init; None if bubblewrap ended before there was one."""
    try:
        async with asyncio.timeout(BEGIN_S):
            text = await _read(info)
    except TimeoutError:
        return None
    finally:
        os.close(info)
    try:
        pid = int(json.loads(text)["child-pid"])
        found = os.pidfd_open(pid)
    except (ValueError, KeyError, OSError):
        return None
    # Its number may have been given to somebody else meanwhile, who is not to be killed.
    if _parent(pid) != outer:
        os.close(found)
        return None
    return found


async def _read(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    loop, found = asyncio.get_running_loop(), b""
    while True:
        ready = asyncio.Event()
        loop.add_reader(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(descriptor)
        piece = os.read(descriptor, 4096)
        if not piece:
            return found
        found += piece


def _descriptor(pid: int) -> int | None:
    """Of a child of ours; None once asyncio has taken note of its end."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("PPid:"):
                return int(line.split()[1])
    return 0
