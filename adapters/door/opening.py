"""From settings to an open door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.door.door import Door
from adapters.door.faults import TEMPORAL
from clara.errors import Misconfigured, Unreachable
from clara.invocation import call
from clara.settings import Settings, environment
from store.database import open_pool
from store.payloads import PostgresPayloads
from temporal import client as temporal_client

POOL = 4
"""Connections to the database: a face reads little, and one after the other."""


@asynccontextmanager
async def open_door(settings: Settings, quiet: bool = False) -> AsyncIterator[Door]:
    """Connect to Temporal and the store.

    Raises Misconfigured if neither an outside nor an own stack is known, and Unreachable if Temporal does not
    answer. ``quiet`` is for a process whose screen is a person's: nothing is written there past all loggers.
    """
    runtime = settings.runtime
    if runtime.database_url is None or (runtime.temporal_address is None and runtime.embedded_temporal):
        raise Misconfigured(f"Clara is not running in {runtime.home}. Start her with: clara start")
    if quiet:
        temporal_client.quiet()
    pool = await open_pool(runtime.database_url, max_size=POOL)
    try:
        try:
            client = await temporal_client.connect(environment(), runtime.temporal_address, [PostgresPayloads(pool)])
        except RuntimeError as error:  # what temporalio raises when it cannot connect
            words = f"{TEMPORAL} at {runtime.temporal_address}. {call('status')} shows what runs."
            raise Unreachable(TEMPORAL, words, "temporal") from error
        yield Door(client, pool, settings.memory.enabled)
    finally:
        await pool.close()
