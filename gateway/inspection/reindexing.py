"""How far the workflow is that makes vectors anew, for somebody who watches it."""

import asyncio
from collections.abc import Callable

from activities.memory.memories import WORDS_ONLY, Memories
from activities.memory.opening import settle
from clara.invocation import call
from clara.memory.requests import ReindexRequest
from clara.settings import environment, load
from gateway.errors import NotRunning
from store.memory import indexing
from store.payloads import PostgresPayloads
from temporal import client as temporal_client
from temporal.starting import reindexing

LOOK_S = 1.0
QUIET_LOOKS = 15
"""Looks without progress after which the reason is looked for."""


async def watched(memories: Memories, tell: Callable[[str], None]) -> str:
    """Start it where vectors are missing, and return when none are; ``tell`` hears of the progress."""
    settings = load()
    await settle(memories, settings)
    space = memories.space
    if space is None:
        return WORDS_ONLY
    name = space.index.name
    tell(f"{space.embedder.label}, collection {name}")
    if await indexing.is_complete(memories.pool, name):
        _, total = await indexing.progress(memories.pool, name)
        return f"{total} of {total} memories have their vector."
    if settings.runtime.temporal_address is None and settings.runtime.embedded_temporal:
        raise NotRunning(f"Vectors are made by the workers, and Clara is not running. Start her with: {call('start')}")
    client = await temporal_client.connect(
        environment(), settings.runtime.temporal_address, [PostgresPayloads(memories.pool)]
    )
    await reindexing.start(client, ReindexRequest(collection=name))
    last, quiet = (-1, -1), 0
    while True:
        done, total = now = await indexing.progress(memories.pool, name)
        if done >= total:
            return f"{done} of {total} memories have their vector."
        quiet = 0 if now != last else quiet + 1
        if now != last:
            tell(f"{done} of {total}")
        if quiet and quiet % QUIET_LOOKS == 0:
            description = await client.get_workflow_handle(reindexing.ID).describe(
                rpc_timeout=temporal_client.RPC_TIMEOUT
            )
            waiting = [each.last_failure.message for each in description.raw_description.pending_activities]
            reason = next(filter(None, waiting), "no worker has taken it up, or the embedding service is down")
            tell(f"waiting: {reason}")
        last = now
        await asyncio.sleep(LOOK_S)
