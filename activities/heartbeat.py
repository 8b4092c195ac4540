"""Signs of life, and the ear for cancellations.

A worker that was killed is noticed when its beats stop, and a cancellation arrives as the answer to
a beat. Four a second cost little, because the SDK sends them at most that often.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

INTERVAL_S = 0.25


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beat in the background for as long as the block runs."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)  # first, so that what is quickly done costs no beat
            activity.heartbeat()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
