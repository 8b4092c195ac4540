"""Heartbeats, which also bring cancellations.

A worker that was killed is noticed when its heartbeats stop, and a cancellation arrives as the answer to
a heartbeat. Four a second cost little, because the SDK sends them at most that often. Every activity has
them from ``temporal.processes.interceptor``.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from temporalio import activity

INTERVAL_S = 0.25

_noted: ContextVar[list[Any]] = ContextVar("noted")


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Send heartbeats in the background for as long as the block runs."""
    details = list(activity.info().heartbeat_details)
    token = _noted.set(details)

    async def beat() -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)  # first, so that what is quickly done costs no heartbeat
            activity.heartbeat(*details)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        _noted.reset(token)


def noted() -> Sequence[Any]:
    """What this attempt has noted, or else an earlier one."""
    return tuple(_noted.get())


def note(*details: Any) -> None:
    """Note something for the attempts after this one: the server keeps it with the last heartbeat."""
    _noted.get()[:] = details
    activity.heartbeat(*details)
