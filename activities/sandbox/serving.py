"""A worker of the sandbox: takes a back end, says which, and looks after the boxes while nobody uses them."""

import asyncio
import logging
import os
import socket
import time
from pathlib import Path

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
        self._chosen = Chosen(None, "it is being looked for")

    async def run(self) -> None:
        due: dict[str, float] = {}

        def is_due(what: str, seconds: float) -> bool:
            if (now := time.monotonic()) < due.get(what, 0):
                return False
            due[what] = now + seconds
            return True

        while True:
            try:
                if self._workshop.opened is None and is_due("look", LOOKED_AGAIN_S):
                    await self._look()
                    due.pop("report", None)
                if is_due("report", REPORTED_S):
                    await self._report()
                if self._workshop.opened is not None:
                    await self._tidy(self._workshop.opened)
                if is_due("prune", PRUNED_S):
                    await sandbox.prune(self._pool)
            except (psycopg.Error, ClaraError, OSError) as error:
                log.warning("the boxes of the sandbox were not looked after: %s", error or type(error).__name__)
            await asyncio.sleep(ROUND_S)

    async def close(self) -> None:
        if self._workshop.opened is not None:
            await self._workshop.opened.close()

    async def _look(self) -> None:
        settings = self._workshop.settings
        self._chosen = await choose(settings, self._home)
        log.info("sandbox: %s", self._chosen.about)
        if self._chosen.backend is not None:
            self._workshop.opened = OpenSandbox(self._chosen.backend, self._workshop, self._home)

    async def _report(self) -> None:
        backend = self._chosen.backend
        state = State(backend.name if backend else "none", backend is not None, self._chosen.about)
        await sandbox.report(self._pool, self._name, state)

    async def _tidy(self, opened: OpenSandbox) -> None:
        for box in await sandbox.to_wipe(self._pool):
            await opened.wipe(box)
            await sandbox.wiped(self._pool, box)
            log.info("box %s is wiped", box)
        for box in await sandbox.idle(self._pool, idle_s(self._workshop.settings, opened.backend)):
            await opened.stop(box)
            await sandbox.stopped(self._pool, box)
            log.info("box %s was idle and is stopped", box)
