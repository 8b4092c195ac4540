"""Servers that do not answer, as the person who gave the command hears of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import PoolTimeout
from temporalio.service import RPCError

from clara.errors import StackFault, Unreachable
from clara.invocation import call
from gateway.errors import NotRunning


@contextmanager
def reached() -> Iterator[None]:
    """Turns a server that cannot be reached into NotRunning."""
    # The pool reports every attempt to its log, which without a handler goes to the person's screen.
    logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise NotRunning(f"The database does not answer. Is Clara running? See: {call('status')}") from error
    except Unreachable as error:
        raise NotRunning(f"{error.problem}. Is Clara running? See: {call('status')}") from error
    except StackFault as error:
        raise NotRunning(str(error)) from error
    except RPCError as error:
        raise NotRunning(f"Temporal does not answer as it should ({error.message}). See: {call('doctor')}") from error
    except (RuntimeError, TimeoutError) as error:
        if isinstance(error, RuntimeError) and "Failed client connect" not in str(error):
            raise
        raise NotRunning(f"Temporal does not answer. Is Clara running? See: {call('status')}") from error
