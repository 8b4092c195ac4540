"""Ends what cannot be limited beforehand: files that fill the disk, and memory where there are no control groups."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal

import psutil

from activities.sandbox.backend import Limits
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
        self.running: set[BubblewrapProcess] = set()
        self.work = asyncio.Event()

    async def is_full(self) -> bool:
        """Whether the box holds as much as it may."""
        limit = self._limits.disk_mib * 2**20
        if self._used >= limit:
            await self._look()
            self._most = max(limit, self._used) + SPARE
        return self._used >= limit

    async def run(self) -> None:
        pause = SOONEST_S
        while self.running:
            began, before = time.monotonic(), self._used
            await self._look()
            if self._used > self._most:
                await self._end(
                    f"The files in the sandbox reached their limit of {self._limits.disk_mib} MiB, so it was ended. "
                    "Delete what is not needed, then go on."
                )
            elif self._memory_too and await asyncio.to_thread(self._memory) > self._limits.memory_mib * 2**20:
                await self._end(out_of_memory(self._limits))
            self.running.difference_update([each for each in self.running if not each.running])
            pause = SOONEST_S if self._used != before else min(LATEST_S, pause * 1.5)
            self.work.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.work.wait(), max(pause, (time.monotonic() - began) / SHARE))
                pause = SOONEST_S
                await asyncio.sleep(pause)

    async def _look(self) -> None:
        self._used = await asyncio.to_thread(self._place.used)

    async def _end(self, verdict: str) -> None:
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
            except psutil.NoSuchProcess:
                continue


def out_of_memory(limits: Limits) -> str:
    return f"It used more than the {limits.memory_mib} MiB of memory that there are, so it was ended."


def _of(process: psutil.Process, kind: Literal["rss", "pss"]) -> int:
    try:
        return int(process.memory_info().rss if kind == "rss" else process.memory_full_info().pss)
    except psutil.Error:
        return 0
