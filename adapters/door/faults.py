"""Errors of Temporal's client and of the database, as Clara's."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from clara.errors import StackFault, Unreachable
from clara.invocation import call

DATABASE = "Clara's database does not answer"
TEMPORAL = "Temporal does not answer"

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


@contextmanager
def translated() -> Iterator[None]:
    """Within the block, errors of both servers are raised as StackFault, or Unreachable where they may pass."""
    try:
        yield
    except psycopg.Error as error:
        raise _of_database(error) from error
    except RPCError as error:
        raise _of_temporal(error) from error
    except WorkflowQueryFailedError as error:
        raise StackFault(f"The conversation does not tell what it is doing: {error}", "query") from error


def _of_database(error: psycopg.Error) -> StackFault:
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        kind = "disk_full" if isinstance(error, psycopg.errors.DiskFull) else "database"
        return Unreachable(DATABASE, _where_to_look(DATABASE), kind)
    return StackFault(
        f"Clara's database refused ({type(error).__name__}). {call('doctor')} shows what is wrong.", "invalid"
    )


def _of_temporal(error: RPCError) -> StackFault:
    if error.status in _PASSING:
        return Unreachable(TEMPORAL, _where_to_look(TEMPORAL), "temporal")
    kind = "invalid" if error.status is RPCStatusCode.INVALID_ARGUMENT else "temporal"
    return StackFault(f"Temporal refused ({error.status.name.lower()}): {error.message}", kind)


def _where_to_look(problem: str) -> str:
    return f"{problem}. {call('status')} shows what runs, {call('doctor')} what is wrong."
