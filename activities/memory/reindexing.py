"""Vectors anew, after the embedding model was changed: as much as is missing, whenever it is run."""

from collections.abc import AsyncIterator
from itertools import groupby

from activities.memory.memories import Memories
from clara.memory.kinds import scope
from store.memory import indexing

BATCH = 64


async def reindex(memories: Memories) -> AsyncIterator[tuple[int, int]]:
    """Embed what has no vector in the current collection; yields how many are done, of how many.

    Each batch is marked in the book when it is written, so that an end at any point loses one batch.
    """
    done, total = await indexing.progress(memories.pool, memories.index.name)
    yield done, total
    while batch := await indexing.next_missing(memories.pool, memories.index.name, BATCH):
        vectors = await memories.embedder.embed([memory.text for memory in batch])
        pairs = zip(batch, vectors, strict=True)
        for user_id, group in groupby(pairs, key=lambda pair: pair[0].user_id):
            own = list(group)
            await memories.put(scope(user_id), [memory for memory, _ in own], [vector for _, vector in own])
        yield await indexing.progress(memories.pool, memories.index.name)
