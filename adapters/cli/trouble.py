"""Which errors mean that the stack does not answer right now, and how that is said."""

import time
from datetime import timedelta

import psycopg
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from clara.errors import Unavailable
from clara.invocation import call

HEALTH_TIMEOUT = timedelta(seconds=5)

_PASSING = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
    }
)

PATIENCE_S = 30.0
"""How long a stack that does not answer is waited for, where nobody can be asked."""

DATABASE = "Clara's database does not answer"
TEMPORAL = "Temporal does not answer"


def sentence(error: Exception) -> str | None:
    """What does not answer, if ``error`` may pass by itself; None if it will not."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return DATABASE
    if isinstance(error, RPCError) and error.status in _PASSING:
        return TEMPORAL
    return None


def as_unavailable(error: psycopg.Error | RPCError) -> Unavailable:
    """The error for the person: what does not answer, or what was refused."""
    known = sentence(error)
    if known:
        return Unavailable(f"{known}. {call('status')} shows what runs, {call('doctor')} what is wrong.")
    if isinstance(error, RPCError):
        return Unavailable(f"Temporal refused ({error.status.name.lower()}): {error.message}")
    return Unavailable(f"Clara's database refused ({type(error).__name__}). {call('doctor')} shows what is wrong.")


async def of_temporal(client: Client) -> str | None:
    """Why nothing can go on at the moment; None while the server is healthy."""
    try:
        healthy = await client.service_client.check_health(timeout=HEALTH_TIMEOUT)
    except RPCError:
        return TEMPORAL
    return None if healthy else TEMPORAL


class Patience:
    """Waits for a stack that does not answer, but not for ever: for when nobody can be asked."""

    def __init__(self) -> None:
        self._since: float | None = None

    def hear(self, problem: str | None) -> bool:
        """What does not answer, or None if all is well; False once it has lasted for PATIENCE_S."""
        now = time.monotonic()
        if problem is None:
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is None or now - self._since < PATIENCE_S

    async def not_accepted(self, problem: str) -> None:
        """For ``Session.hand_over``."""
        if not self.hear(problem):
            raise Unavailable(f"{problem}. The message was not accepted; please say it again later.")

    def accepted(self, problem: str | None) -> None:
        """For a turn that is being followed."""
        if not self.hear(problem):
            raise Unavailable(
                f"{problem}, and I have stopped waiting. The message is accepted: its answer is shown"
                " when the conversation is opened again."
            )
