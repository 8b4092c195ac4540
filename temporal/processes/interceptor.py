"""What surrounds every activity, in workers and adapters alike: heartbeats, and Clara's errors as Temporal's.

A fault of Clara's own database is told apart from those of whatever an activity is about. A database comes
back, so its fault is no failure of a model or a tool, uses up nobody's patience with them, and workflows try
again for as long as it takes (``workflows/patience.py``).
"""

from datetime import timedelta
from typing import Any

import psycopg
import psycopg_pool
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from clara.errors import ClaraError, Unreachable
from temporal.failures import STORE_DOWN, to_application_error
from temporal.policies import back_off
from temporal.processes.heartbeat import heartbeats

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg_pool.PoolTimeout,
    psycopg_pool.PoolClosed,
    Unreachable,
)
"""The last is what an adapter's activity hears through the door, of the database alone."""

PAUSE = timedelta(seconds=5)
"""Longest time until a database that is back is noticed."""


class Surroundings(Interceptor):
    """For every worker: activities need neither send heartbeats nor translate their errors."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Activity(next)


class _Activity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        async with heartbeats():
            try:
                return await super().execute_activity(input)
            except AWAY as error:
                pause = min(PAUSE, back_off(activity.info().attempt))
                words = f"Clara's database does not answer ({type(error).__name__})"
                raise ApplicationError(words, type=STORE_DOWN, next_retry_delay=pause) from None
            except ClaraError as error:
                raise to_application_error(error, activity.info().attempt) from error
