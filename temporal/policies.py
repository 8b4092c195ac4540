"""Named bundles of timeouts and retries. Every activity is started with one of them.

Heartbeat timeouts are short because they are the time to notice a killed worker; activities send them
four times a second (``temporal.processes.heartbeat``), which is also how they hear of a cancellation.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from clara.tools.tool import Effect

FIRST_PAUSE = timedelta(milliseconds=500)
SLOWEST = timedelta(seconds=30)


def back_off(attempt: int) -> timedelta:
    """The pause that follows an attempt, the first of which is 1."""
    doubled: int = 2 ** min(attempt - 1, 20)
    return min(FIRST_PAUSE * doubled, SLOWEST)


class ActivityOptions(TypedDict):
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


SWITCHED_OFF = timedelta(days=30)
"""Patience is counted in attempts. Time runs on while everything is switched off, and then nobody tries."""


@dataclass(frozen=True)
class Policy:
    attempt: timedelta
    """Longest single attempt."""
    attempts: int
    total: timedelta = SWITCHED_OFF
    """Longest wait for a result, with all attempts and pauses, and with nobody there to try."""
    silence: timedelta = timedelta(seconds=2)
    """A worker that has not been heard of for so long is taken for dead."""
    slowest: timedelta = SLOWEST
    """Longest pause between attempts."""
    cancellation: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL

    def options(self) -> ActivityOptions:
        return ActivityOptions(
            start_to_close_timeout=self.attempt,
            schedule_to_close_timeout=self.total,
            heartbeat_timeout=self.silence,
            retry_policy=RetryPolicy(
                initial_interval=FIRST_PAUSE,
                backoff_coefficient=2,
                maximum_interval=self.slowest,
                maximum_attempts=self.attempts,
            ),
            cancellation_type=self.cancellation,
        )


MODEL = Policy(attempt=timedelta(minutes=15), attempts=125)
"""A model call: a provider that is down is waited for, half a minute between tries, for about an hour.

Cancelled without waiting: the person's stop must not wait for a provider.
"""

STORE = Policy(attempt=timedelta(seconds=20), attempts=5_000)
"""Reads and writes of Clara's own database, which comes back: some 40 hours of trying."""

RECALL = Policy(attempt=timedelta(seconds=5), attempts=2)
"""Looking up memories, which bounds itself to less. An answer waits for no further try."""

WAIT = Policy(attempt=timedelta(hours=49), attempts=100)
"""Waiting for another workflow, as release 2026.47 did."""
REINDEX = Policy(attempt=timedelta(minutes=15), attempts=6, silence=timedelta(seconds=30))
"""Some minutes of work. When its tries are over, the workflow pauses, and then there are as many again.

Nobody waits for it, and it imports mem0, which on a busy machine can keep heartbeats back for seconds.
"""

DELIVERY = Policy(
    attempt=timedelta(minutes=5),
    attempts=800,
    total=timedelta(days=7),
    silence=timedelta(seconds=5),
    slowest=timedelta(minutes=2),
)
"""A day of trying. An adapter that is away makes no tries: what waits for it is of no use after a week."""

CHAT = Policy(
    attempt=timedelta(seconds=60),
    attempts=20,
    silence=timedelta(seconds=5),
    slowest=timedelta(seconds=5),
)
"""An action in a chat, for which a tool waits. The store says until when it may be tried (``store.chat``)."""

CHECK = Policy(attempt=timedelta(seconds=15), attempts=3, slowest=timedelta(seconds=2))
"""Asking a service whether it takes a token, for which its person waits."""

INSTALL = Policy(
    attempt=timedelta(minutes=20),
    attempts=10,
    silence=timedelta(seconds=5),
    cancellation=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""A step of installing a plugin: a registry that is down is waited for some minutes.

The end of a step that is cancelled is waited for, because what it did is undone then.
"""

PROBE = Policy(attempt=timedelta(minutes=3), attempts=4, silence=timedelta(seconds=5))
"""Starting a plugin's server to see what it has. Its first start of all loads the SDK."""

SEARCH = Policy(attempt=timedelta(seconds=30), attempts=3, silence=timedelta(seconds=5))
"""Asking a registry, for which somebody waits."""

LOGIN = Policy(attempt=timedelta(minutes=2), attempts=4, silence=timedelta(seconds=5))
"""A step of a login at a plugin, for which a person waits in front of a browser."""

TOOL_ATTEMPTS = 6
WRITE_ATTEMPTS = STORE.attempts
"""A write of unclear outcome is looked for again and again, which takes an attempt each."""


def tool(timeout_s: float, effect: Effect) -> Policy:
    """For one tool run. Its outcome is waited for even when the turn is stopped, so that it is known."""
    if effect is Effect.WRITE:
        # Around the run itself come two looks at the world, and the wait for a database that is away.
        return Policy(
            attempt=timedelta(seconds=timeout_s + 120),
            attempts=WRITE_ATTEMPTS,
            cancellation=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
    attempt = timedelta(seconds=timeout_s + 10)  # the activity's own deadline comes first, and speaks better
    return Policy(
        attempt=attempt,
        attempts=TOOL_ATTEMPTS,
        cancellation=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


SETTLE = Policy(
    attempt=timedelta(minutes=5),
    attempts=200,
    slowest=timedelta(minutes=1),
)
"""Looks what became of the writes of an ended turn, which nobody waits for."""
