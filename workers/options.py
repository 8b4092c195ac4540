"""How a worker polls: how much at once, and how soon losses and stops are noticed."""

from datetime import timedelta
from typing import Any

from temporal.processes.interceptor import Surroundings
from temporal.processes.runner import workflow_runner

CONCURRENT_ACTIVITIES = 500
"""They mostly wait for others, and long writes must not keep turns from beginning. Model calls, which
need memory, are bounded by themselves."""

HEARTBEAT_THROTTLE = timedelta(milliseconds=200)
"""Beats are sent at most so often. The SDK's default would let a stop wait for half a minute."""

STICKY_TIMEOUT = timedelta(seconds=2)
"""A workflow waits so long for the worker that knows it. The default of 10 s is most of a recovery."""

GRACE = timedelta(seconds=5)
"""What runs when a worker is told to end may finish within this; then it is cancelled and retried."""


def worker_options() -> dict[str, Any]:
    """Arguments of ``temporalio.worker.Worker`` beside its client, queue, workflows and activities."""
    return {
        "workflow_runner": workflow_runner(),
        "interceptors": [Surroundings()],
        "max_concurrent_activities": CONCURRENT_ACTIVITIES,
        "max_heartbeat_throttle_interval": HEARTBEAT_THROTTLE,
        "default_heartbeat_throttle_interval": HEARTBEAT_THROTTLE,
        "sticky_queue_schedule_to_start_timeout": STICKY_TIMEOUT,
        "graceful_shutdown_timeout": GRACE,
    }
