"""What is begun in a box is begun once: an attempt after a crash does not run the same code again.

Code may have done anything until it was cut off, so it is told, and whoever asked for it decides.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import psycopg

from activities.tools.tool import Context, ToolOutput
from clara.errors import ToolFailed, Unavailable
from store import sandbox
from store.database import Pool
from temporal.failures import BUSY

log = logging.getLogger(__name__)

LEASE_S = 6.0
"""An attempt that has not renewed its lease for so long is dead, and so is all that it ran."""

RENEWED_S = 1.5

REMEMBERED = 100
REMEMBERED_SIZE = 100 * 2**20
"""Outputs, and bytes of them, that are kept until they are stored."""

CUT_OFF = (
    "This was cut off in mid-run, because the process that ran it ended. What it had done until then stays, its output "
    "is lost. It was not run again; look what is there, and run it again if that is right."
)


class Journal:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._running: set[str] = set()
        self._ended: OrderedDict[str, ToolOutput | str] = OrderedDict()
        """What came of it, or why it failed."""

    async def once(self, tool: str, context: Context, work: Callable[[], Awaitable[ToolOutput]]) -> ToolOutput:
        """Do ``work`` unless it was begun before: ToolFailed where that was cut off, Unavailable while it runs."""
        key = context.key
        if key in self._ended:
            return _given(self._ended[key])  # it could not be stored when it ended
        if key in self._running:
            raise Unavailable(f"an earlier attempt at {tool} is still running", kind=BUSY)
        begun = await sandbox.begin(self._pool, key, context.user_id, context.message.conversation.id, tool, LEASE_S)
        if begun is not None:
            if begun.alive_for.total_seconds() > 0:
                raise Unavailable(f"an earlier attempt at {tool} may be alive", BUSY, retry_after=begun.alive_for)
            raise ToolFailed(CUT_OFF)
        self._running.add(key)
        renewing = asyncio.create_task(self._renew(key))
        try:
            output: ToolOutput | str = await work()
        except ToolFailed as error:
            output = str(error)
        except Unavailable as error:
            log.warning("turn %s: the sandbox failed in %s: %s", context.message.turn_id, tool, error)
            output = f"The sandbox failed: {str(error).rstrip('.')}. It may have begun; look, then run it again."
        finally:
            renewing.cancel()
            self._running.discard(key)
            await self._end(key)
        self._remember(key, output)
        return _given(output)

    def _remember(self, key: str, output: ToolOutput | str) -> None:
        self._ended[key] = output
        while len(self._ended) > REMEMBERED or sum(map(_size, self._ended.values())) > REMEMBERED_SIZE:
            self._ended.popitem(last=False)

    async def _renew(self, key: str) -> None:
        while True:
            await asyncio.sleep(RENEWED_S)
            try:
                await sandbox.renew(self._pool, key, LEASE_S)
            except psycopg.Error as error:
                log.warning("the lease of a run was not renewed: %s", type(error).__name__)

    async def _end(self, key: str) -> None:
        try:
            await sandbox.end(self._pool, key)
        except psycopg.Error as error:
            log.warning("the end of a run was not recorded: %s", type(error).__name__)  # its lease ends by itself


def _given(output: ToolOutput | str) -> ToolOutput:
    if isinstance(output, str):
        raise ToolFailed(output)
    return output


def _size(output: ToolOutput | str) -> int:
    if isinstance(output, str):
        return len(output)
    return len(output.text) + sum(len(file.data) for file in output.files)
