"""Speaking of the database without giving its password away."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gateway.errors import NotRunning


@contextmanager
def reached() -> Iterator[None]:
    """Turns a database that does not answer into NotRunning."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise NotRunning("The database does not answer. Start Clara with: clara start") from error
