"""Work that a part does for as long as its process lives, beside the activities that it serves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

AGAIN_S = 0.5
TRIES = 10


@asynccontextmanager
async def beside(**work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do ``work``, each by its name for the log, until the end of the block, which comes within 5 s."""
    tasks = [asyncio.create_task(each, name=name.replace("_", " ")) for name, each in work.items()]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        await _end(tasks)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    goes_on = set(tasks)
    for _ in range(TRIES):
        for task in goes_on:
            # Again each time: the database's pool can swallow a cancellation, and the loop goes on for ever.
            task.cancel()
        _, goes_on = await asyncio.wait(tasks, timeout=AGAIN_S)
        if not goes_on:
            return
    log.warning("%s did not end within %g s", ", ".join(task.get_name() for task in goes_on), AGAIN_S * TRIES)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended, and is not done any more until a restart", task.get_name(), exc_info=error)
