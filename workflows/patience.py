"""Trying an activity again for as long as Clara's own database is away, beyond the patience of its policy.

Tries are counted and not hours, because everything may be switched off in between.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from temporal.failures import is_store_down

T = TypeVar("T")

ROUNDS = 1_000
"""Of a policy's tries. A day at least, and few enough events for one history."""

PAUSE = timedelta(seconds=15)
"""Between two rounds."""


async def while_store_is_away(call: Callable[[bool], Awaitable[T]]) -> T:
    """What ``call`` brings; it is told whether an earlier round of tries may have left something behind.

    Raises the ActivityError that has another cause, or the last one.
    """
    for number in range(ROUNDS):
        try:
            return await call(number > 0)
        except ActivityError as error:
            if not is_store_down(error) or number == ROUNDS - 1:
                raise
            workflow.logger.warning("the database is unreachable, trying again: %s", error.cause)
            await workflow.sleep(PAUSE)
    raise AssertionError("the last round returns or raises")
