"""Ends what cannot be limited beforehand: files that fill the disk, and memory where there are no control groups."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal

import psutil

from activities.sandbox.backend import Limits
from activities.sandbox.bubblewrap import usage
from activities.sandbox.bubblewrap.places import Place
from activities.sandbox.bubblewrap.process import BubblewrapProcess

log = logging.getLogger(__name__)

SOONEST_S, LATEST_S = 0.3, 5.0
"""Between two looks; longer and longer while nothing changes, until something is given work again."""

SHARE = 0.1
"""Of one processor that looking may take, where a box has very many files."""

SPARE = 2**20
"""Bytes by which a full box may grow meanwhile: empty files count too."""


class Watch:
    """Over one box, for as long as something runs in it; gone processes are taken out of ``running``.

    What is full already may be looked at and tidied up: it only may not grow. What is then started may write no
    byte more (``is_full``), so the watch cannot be outrun by starting ever new commands.
    """

    def __init__(self, place: Place, limits: Limits, memory_too: bool) -> None:
        self._place = place
        self._limits = limits
        self._memory_too = memory_too
        self._used = 0
        self._most = limits.disk_mib * 2**20
        self._watching: asyncio.Task[None] | None = None
        self.running: set[BubblewrapProcess] = set()
        self.work = asyncio.Event()

    async def is_full(self) -> bool:
        """Whether the box holds as much as it may. It counts as full where that cannot be found out."""
        limit = self._limits.disk_mib * 2**20
        if self._used >= limit:
            try:
                await self._look()
            except OSError:
                log.exception("box %s could not be looked at", self._place.box)
            self._most = max(limit, self._used) + SPARE
        return self._used >= limit

    def begin(self, process: BubblewrapProcess) -> None:
        """Watch over a process that has been started."""
        self.running.add(process)
        self.work.set()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._run(), name=f"watch over box {self._place.box}")

    async def end(self) -> None:
        """End what runs, and the watch."""
        try:
            await asyncio.gather(*(process.kill() for process in list(self.running)))
        finally:
            if self._watching is not None:
                self._watching.cancel()
                await asyncio.wait([self._watching])

    async def _run(self) -> None:
        pause = SOONEST_S
        while self.running:
            began, before = time.monotonic(), self._used
            try:
                await self._judge()
            except Exception:  # whatever it is, the box must not go unwatched
                log.exception("box %s could not be looked at", self._place.box)
            self.running.difference_update([each for each in self.running if not each.running])
            pause = SOONEST_S if self._used != before else min(LATEST_S, pause * 1.5)
            self.work.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause, (time.monotonic() - began) / SHARE)):
                    await self.work.wait()
                pause = SOONEST_S
                await asyncio.sleep(pause)

    async def _judge(self) -> None:
        await self._look()
        if self._used > self._most:
            await self._kill(
                f"The files in the sandbox reached their limit of {self._limits.disk_mib} MiB, so it was ended. "
                "Delete what is not needed, then go on."
            )
        elif self._memory_too and await asyncio.to_thread(self._memory) > self._limits.memory_mib * 2**20:
            await self._kill(out_of_memory(self._limits))

    async def _look(self) -> None:
        self._used = await asyncio.to_thread(self._count)

    def _count(self) -> int:
        return self._place.used() + usage.unlinked(self._all(), self._place.home)

    async def _kill(self, verdict: str) -> None:
        log.info("box %s: %s", self._place.box, verdict)
        for process in list(self.running):
            process.verdict = verdict
            await process.kill()
        await self._look()

    def _memory(self) -> int:
        """Bytes. What processes share is counted once, which takes longer to find out, so only where it matters."""
        found = list(self._all())
        resident = sum(_of(process, "rss") for process in found)
        return sum(_of(p, "pss") for p in found) if resident > self._limits.memory_mib * 2**20 else resident

    def _all(self) -> Iterable[psutil.Process]:
        for process in list(self.running):
            try:
                yield from psutil.Process(process.pid).children(recursive=True)
            except psutil.Error:
                continue  # it has ended


def out_of_memory(limits: Limits) -> str:
    return f"It used more than the {limits.memory_mib} MiB of memory that there are, so it was ended."


def _of(process: psutil.Process, kind: Literal["rss", "pss"]) -> int:
    try:
        return int(process.memory_info().rss if kind == "rss" else process.memory_full_info().pss)
    except psutil.Error:
        return 0
