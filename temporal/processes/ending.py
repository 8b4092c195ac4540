"""The end of tasks that go on beside others for as long as a process serves."""

import asyncio
import logging
import time
from typing import Any

log = logging.getLogger(__name__)

END_S = 10.0
AGAIN_S = 3.0
"""What tidies up after a cancellation has so long before it is cancelled again."""


async def end(*tasks: "asyncio.Task[Any]", within_s: float = END_S) -> None:
    """Cancel ``tasks`` and wait until they have ended; of one that has not ``within_s`` the log tells.

    Once is not enough: ``asyncio.wait_for`` of Python 3.11, by which psycopg waits, drops a cancellation that comes
    together with an answer, and then the task would go on for ever.
    """
    ends = time.monotonic() + within_s
    left = {task for task in tasks if not task.done()}
    while left and (seconds := ends - time.monotonic()) > 0:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=min(AGAIN_S, seconds))
    for task in left:
        log.warning("%s did not end within %g s", task.get_name(), within_s)
