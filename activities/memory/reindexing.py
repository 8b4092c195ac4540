"""Vectors anew, after the embedding model was changed: as much as is missing, whenever it is run."""

import asyncio
import logging
import time
from collections import defaultdict

from temporalio.client import Client
from temporalio.service import RPCError

from activities.memory.memories import Memories, embedded
from activities.memory.opening import settle
from clara.errors import ClaraError
from clara.memory.kinds import Memory, scope
from clara.memory.requests import ReindexProgress, ReindexRequest
from clara.settings import Settings
from store.memory import indexing, removals
from temporal.processes.interceptor import AWAY
from temporal.processes.logs import told
from temporal.starting import reindexing

log = logging.getLogger(__name__)

BATCH = 64
TURN_S = 60.0
"""Seconds of work in one attempt: then the workflow says how far it is, and asks for more."""

LOOK_S = 60.0
"""Seconds between two looks of a worker whether vectors are missing, or a provider is to be asked again."""


async def reindex(memories: Memories, request: ReindexRequest, seconds: float = TURN_S) -> ReindexProgress:
    """Embed what has no vector in the collection, for so many seconds. Unavailable or Misconfigured of the model.

    Each batch is marked in the book when it is written, so that an end at any point loses one batch.
    """
    space = memories.space
    if space is None or space.index.name != request.collection:
        # Another worker's settings, or a provider that offers nothing any more: whoever needs vectors asks anew.
        return ReindexProgress(done=0, total=0, over=True)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        batch = await indexing.next_missing(memories.pool, request.collection, BATCH)
        if not batch:
            break
        vectors = await memories.embed(space, [embedded(memory) for memory in batch])
        of_owner: dict[str, list[tuple[Memory, list[float]]]] = defaultdict(list)
        for memory, vector in zip(batch, vectors, strict=True):
            of_owner[memory.user_id].append((memory, vector))
        for user_id, own in of_owner.items():
            await memories.put(space, scope(user_id), [memory for memory, _ in own], [vector for _, vector in own])
    done, total = await indexing.progress(memories.pool, request.collection)
    return ReindexProgress(done=done, total=total, over=done >= total)


async def keep_indexed(memories: Memories, settings: Settings, client: Client) -> None:
    """For the life of a worker: find out who offers embeddings, and have missing vectors made."""
    warm = None
    while True:
        try:
            await settle(memories, settings)
            if space := memories.space:
                if space is not warm:
                    await asyncio.gather(space.embedder.warm(), space.index.warm())
                    warm = space
                if not await indexing.is_complete(memories.pool, space.index.name):
                    await reindexing.start(client, ReindexRequest(collection=space.index.name))
        except (ClaraError, RPCError, *AWAY) as error:
            log.warning("the vectors of memories could not be looked after: %s", told(error))
        except Exception:  # a bug, which must not end the looking for the life of this worker
            log.exception("the vectors of memories could not be looked after")
        await asyncio.sleep(LOOK_S)


async def keep_removed(memories: Memories) -> None:
    """For the life of a worker: remove what forgotten memories have left, where that was broken off."""
    while True:
        try:
            await memories.remove(await removals.due(memories.pool))
        except (ClaraError, *AWAY) as error:
            log.warning("what forgotten memories have left could not be removed yet: %s", told(error))
        except Exception:  # as above
            log.exception("what forgotten memories have left could not be removed yet")
        await asyncio.sleep(LOOK_S)
