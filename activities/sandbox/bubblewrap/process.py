"""One process in a box, with all that it starts: a process-id namespace, which ends with its first process."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process as Subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

from activities.sandbox.backend import Stream

CHUNK = 64 * 1024
AHEAD = 4
"""Chunks that are taken from a process before somebody reads them."""

BEGIN_S = 10.0
END_S = 5.0


class BubblewrapProcess:
    """``outer`` is bubblewrap, which waits for the namespace; ``info`` is where it tells of the namespace's init.

    ``judged`` says in the end why the kernel ended something, where it did; ``written`` is set at each input.
    """

    def __init__(self, outer: Subprocess, info: int, judged: Callable[[], str], written: asyncio.Event) -> None:
        self._outer = outer
        self._judged = judged
        self._written = written
        self._init = asyncio.create_task(_opened(outer.pid, info))
        self._is_gone = False
        self._is_read = False
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
        code = await self._outer.wait()
        await self._gone()
        self.verdict = self.verdict or self._judged()
        return code if code >= 0 else 128 - code

    async def kill(self) -> None:
        # The init first: bubblewrap may not have told it yet to end with bubblewrap.
        init = await asyncio.shield(self._init)
        if init is not None and not self._is_gone:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(init, signal.SIGKILL)
        if self.running:
            with suppress(ProcessLookupError):
                self._outer.kill()
        if not self._is_read:
            await self._drain()
        await self.wait()

    async def _drain(self) -> None:
        """Take what nobody wants: asyncio tells of a process's end only after that of its streams."""
        for source in (self._outer.stdout, self._outer.stderr):
            assert source is not None
            while await source.read(CHUNK):
                pass

    async def _gone(self) -> None:
        """Until nothing of the namespace is there any more: the kernel ends the rest before its init."""
        init = await asyncio.shield(self._init)
        if init is None or self._is_gone:
            return
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        watched = os.dup(init)
        loop.add_reader(watched, gone.set)
        try:
            await asyncio.wait_for(gone.wait(), END_S)
        finally:
            loop.remove_reader(watched)
            os.close(watched)
        if not self._is_gone:
            self._is_gone = True
            os.close(init)


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


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("PPid:"):
                return int(line.split()[1])
    return 0
