"""The worker inside of an adapter: it serves the platform's own queue, because only the adapter has its token."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from temporal import queues

CONCURRENT = 30
HEARTBEAT_THROTTLE = timedelta(milliseconds=200)
GRACE = timedelta(seconds=5)
"""For the deliveries that are under way when the process ends."""


@asynccontextmanager
async def delivering(client: Client, platform: str, *activities: Callable[..., Awaitable[Any]]) -> AsyncIterator[None]:
    """Serve the activities within the block."""
    # Not above: the terminal, which comes by here too, is told by the store and should start without a worker.
    from temporalio.worker import Worker

    from temporal.processes.interceptor import Surroundings

    worker = Worker(
        client,
        task_queue=queues.delivery(platform),
        activities=activities,
        interceptors=[Surroundings()],
        max_concurrent_activities=CONCURRENT,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=GRACE,
    )
    async with worker:
        yield
