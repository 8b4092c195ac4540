"""Heartbeats, which also bring cancellations.

A worker that was killed is noticed when its heartbeats stop, and a cancellation arrives as the answer to
a heartbeat. Four a second cost little, because the SDK sends them at most that often.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity

INTERVAL_S = 0.25


class Beats:
    """What an attempt notes for the ones after it: the server keeps it with the last heartbeat."""

    def __init__(self) -> None:
        self.noted: tuple[Any, ...] = tuple(activity.info().heartbeat_details)
        """Of an earlier attempt, until this one notes something else."""

    def note(self, *details: Any) -> None:
        self.noted = details
        activity.heartbeat(*details)


@asynccontextmanager
async def beating() -> AsyncIterator[Beats]:
    """Beat in the background for as long as the block runs."""
    beats = Beats()

    async def beat() -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)  # first, so that what is quickly done costs no heartbeat
            activity.heartbeat(*beats.noted)

    task = asyncio.create_task(beat())
    try:
        yield beats
    finally:
        task.cancel()
