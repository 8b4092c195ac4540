"""Work that a part does for as long as its process lives, beside the activities that it serves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from temporal.processes.ending import end

log = logging.getLogger(__name__)

END_S = 5.0


@asynccontextmanager
async def beside(**work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do ``work``, each by its name for the log, until the end of the block, which comes within 5 s."""
    tasks = [asyncio.create_task(each, name=name.replace("_", " ")) for name, each in work.items()]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        await end(*tasks, within_s=END_S)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s ended, and is not done any more until a restart", task.get_name(), exc_info=error)
