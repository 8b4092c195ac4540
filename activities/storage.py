"""Faults of Clara's own database, told apart from those of whatever an activity is about.

A database comes back. So such a fault is no failure of a model or a tool, uses up nobody's patience with
them, and workflows try again for as long as it takes (``workflows/patience.py``).
"""

from datetime import timedelta
from typing import Any

import psycopg
import psycopg_pool
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from temporal.failures import STORE_DOWN
from temporal.policies import back_off

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed)

PAUSE = timedelta(seconds=5)
"""Longest time until a database that is back is noticed."""


class StorageFaults(Interceptor):
    """For workers: an activity whose database is away fails as STORE_DOWN, to be retried."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Inbound(next)


class _Inbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except AWAY as error:
            pause = min(PAUSE, back_off(activity.info().attempt))
            words = f"Clara's database does not answer ({type(error).__name__})"
            raise ApplicationError(words, type=STORE_DOWN, next_retry_delay=pause) from None
