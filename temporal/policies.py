"""Named bundles of timeouts and retries. Every activity is started with one of them.

Heartbeat timeouts are short because they are the time to notice a killed worker; activities beat
four times a second (``activities.heartbeat``), which is also how they hear of a cancellation.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType


class ActivityOptions(TypedDict):
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


@dataclass(frozen=True)
class Policy:
    attempt: timedelta
    """Longest single attempt."""
    total: timedelta
    """Longest wait for a result, with all attempts and pauses."""
    attempts: int
    silence: timedelta = timedelta(seconds=2)
    """A worker that has not been heard of for so long is taken for dead."""
    slowest: timedelta = timedelta(seconds=30)
    """Longest pause between attempts."""
    cancellation: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL

    def options(self) -> ActivityOptions:
        return ActivityOptions(
            start_to_close_timeout=self.attempt,
            schedule_to_close_timeout=self.total,
            heartbeat_timeout=self.silence,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=500),
                backoff_coefficient=2,
                maximum_interval=self.slowest,
                maximum_attempts=self.attempts,
            ),
            cancellation_type=self.cancellation,
        )


MODEL = Policy(attempt=timedelta(minutes=15), total=timedelta(days=30), attempts=125)
"""A model call: a provider that is down is waited for, half a minute between tries, for about an hour.

Cancelled without waiting: the person's stop must not wait for a provider. The total only bounds
what was switched off meanwhile.
"""

STORE = Policy(attempt=timedelta(seconds=20), total=timedelta(hours=1), attempts=100)
"""Reads and writes of Clara's own database, which comes back."""

RECALL = Policy(attempt=timedelta(seconds=5), total=timedelta(seconds=8), attempts=2)
"""Looking up memories, which bounds itself to less. An answer does not wait longer for them."""

WAIT = Policy(attempt=timedelta(hours=49), total=timedelta(days=4), attempts=100)
"""Waiting for another workflow, which ends by itself within two days."""

DELIVERY = Policy(
    attempt=timedelta(minutes=5),
    total=timedelta(hours=24),
    attempts=200,
    silence=timedelta(seconds=5),
    slowest=timedelta(minutes=2),
)
"""Waits for a dead adapter for a day."""


TOOL_ATTEMPTS = 6


def tool(timeout_s: float) -> Policy:
    """For one tool run. Its outcome is waited for even when the turn is stopped, so that it is known."""
    attempt = timedelta(seconds=timeout_s + 10)  # the activity's own deadline comes first, and speaks better
    return Policy(
        attempt=attempt,
        total=attempt * TOOL_ATTEMPTS + timedelta(minutes=10),
        attempts=TOOL_ATTEMPTS,
        cancellation=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )
