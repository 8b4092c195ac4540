"""Waiting until the servers answer, and making them fit for Clara."""

import asyncio
import time
from collections.abc import Callable

import psycopg
from temporalio.service import RPCError

from clara.errors import Misconfigured
from clara.settings import Settings
from gateway.errors import StartFailed
from gateway.servers import namespace
from store import migrations
from temporal import queues

_PAUSE_S = 0.05

Patience = Callable[[], None]
"""Called after each attempt in vain; raises ClaraError when there is no hope left."""


def database(settings: Settings, patience: Patience) -> None:
    """Wait for Postgres, then bring its schema up to date."""
    url = settings.runtime.database_url
    assert url is not None
    while True:
        try:
            psycopg.connect(url, connect_timeout=3).close()
            break
        except psycopg.OperationalError as error:
            if settings.runtime.outside_database and "authentication failed" in str(error):
                raise Misconfigured("DATABASE_URL: the server refuses this user or password") from None
            patience()
            time.sleep(_PAUSE_S)
        except psycopg.ProgrammingError:
            raise Misconfigured("DATABASE_URL: must be postgresql://user:password@host:5432/name") from None
    try:
        migrations.upgrade(url)
    except psycopg.Error as error:
        raise StartFailed(f"The database could not be brought up to date: {str(error).strip()}") from error


def known_schema(url: str) -> None:
    """Misconfigured if the database is of a newer Clara; nothing is said of one that does not answer."""
    try:
        found = migrations.current(url)
    except psycopg.Error:
        return
    migrations.check_known(found)


def temporal(settings: Settings, patience: Patience) -> None:
    """Wait for Temporal, then see to its namespace."""
    asyncio.run(_temporal(settings, patience))


async def _temporal(settings: Settings, patience: Patience) -> None:
    while True:
        try:
            client = await namespace.connected(settings)
            await namespace.retention(client)
            break
        except (RuntimeError, TimeoutError, RPCError):  # RuntimeError: what a refused connection is
            patience()
            await asyncio.sleep(_PAUSE_S)
    try:
        await namespace.prepare(client, own=settings.runtime.embedded_temporal)
    except RPCError as error:
        raise StartFailed(f"Temporal could not be prepared: {error}") from error


def worker(settings: Settings, patience: Patience) -> None:
    """Wait until workers ask Temporal for the work of every role."""
    asyncio.run(_worker(settings, patience))


async def _worker(settings: Settings, patience: Patience) -> None:
    client = await namespace.connected(settings)
    for queue in queues.OF_ROLES.values():
        while not await namespace.is_polled(client, queue):
            patience()
            await asyncio.sleep(_PAUSE_S)
