"""A worker of the sandbox: takes a back end, says which, and looks after the boxes while nobody uses them."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from activities.sandbox.choosing import Chosen, choose, idle_s
from activities.sandbox.workshop import OpenSandbox, Workshop
from clara.errors import ClaraError
from store import sandbox
from store.sandbox import State

log = logging.getLogger(__name__)

ROUND_S = 5.0
"""How long the box of somebody who was forgotten may stay."""

REPORTED_S = 15.0
LOOKED_AGAIN_S = 60.0
"""Where there is no back end, so that one that was installed meanwhile is found."""

PRUNED_S = 3600.0


class Serving:
    """``run`` goes on until it is cancelled."""

    def __init__(self, workshop: Workshop, home: Path) -> None:
        self._workshop = workshop
        self._pool = workshop.pool
        self._home = home
        self._name = f"{socket.gethostname()}/{os.getpid()}"
        self._chosen = Chosen(None, "a back end is being looked for")
        self._news = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as both:  # tidying up may take minutes, and what is said holds for one
            both.create_task(self._say())
            both.create_task(self._look_after())

    async def _say(self) -> None:
        while True:
            self._news.clear()
            await self._attempt("what can be run was not said", self._report())
            with suppress(TimeoutError):
                async with asyncio.timeout(REPORTED_S):  # wait_for of Python 3.11 can drop a cancellation
                    await self._news.wait()

    async def _look_after(self) -> None:
        look_at = prune_at = 0.0
        while True:
            if self._workshop.opened is None and time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOKED_AGAIN_S
                await self._attempt("no back end was looked for", self._look())
            if self._workshop.opened is not None:
                await self._attempt("the boxes were not looked after", self._tidy(self._workshop.opened))
            if time.monotonic() >= prune_at:
                prune_at = time.monotonic() + PRUNED_S
                await self._attempt("old runs were not forgotten", sandbox.prune(self._pool))
            await asyncio.sleep(ROUND_S)

    async def _attempt(self, otherwise: str, doing: Coroutine[Any, Any, None]) -> None:
        """Whatever fails is logged and done again: an end of this would take the tools from every conversation."""
        try:
            await doing
        except (psycopg.Error, ClaraError, OSError) as error:
            log.warning("sandbox: %s: %s", otherwise, str(error) or type(error).__name__)
        except Exception:
            log.exception("sandbox: %s", otherwise)

    async def close(self) -> None:
        if self._workshop.opened is not None:
            await self._workshop.opened.close()

    async def _look(self) -> None:
        settings = self._workshop.settings
        self._chosen = await choose(settings, self._home)
        log.info("sandbox: %s", self._chosen.about)
        if self._chosen.backend is not None:
            self._workshop.opened = OpenSandbox(self._chosen.backend, self._workshop, self._home)
        self._news.set()

    async def _report(self) -> None:
        backend = self._chosen.backend
        state = State(backend.name if backend else "none", backend is not None, self._chosen.about)
        await sandbox.report(self._pool, self._name, state)

    async def _tidy(self, opened: OpenSandbox) -> None:
        """One box that cannot be tidied up keeps no other from it."""
        for box in await sandbox.to_wipe(self._pool):
            await self._attempt(f"box {box} was not wiped", self._wipe(opened, box))
        seconds = idle_s(self._workshop.settings, opened.backend)
        for box in await sandbox.idle(self._pool, seconds):
            await self._attempt(f"box {box} was not stopped", self._stop(opened, box, seconds))

    async def _wipe(self, opened: OpenSandbox, box: str) -> None:
        await opened.wipe(box)
        await sandbox.wiped(self._pool, box)
        log.info("box %s is wiped", box)

    async def _stop(self, opened: OpenSandbox, box: str, seconds: float) -> None:
        await opened.stop(box)
        await sandbox.stopped(self._pool, box, seconds)
        log.info("box %s was idle and is stopped", box)
