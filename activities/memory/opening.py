"""Memories as the settings want them, with the embedding model that is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from activities.memory import offering
from activities.memory.embedding import OpenAiEmbedder, embedder
from activities.memory.graph import graph
from activities.memory.memories import Memories, Space
from clara.settings import Settings
from store.database import Pool
from store.memory import embeddings
from store.memory.opening import NO_MODEL, index_of


async def settle(memories: Memories, settings: Settings, ask: bool = True, retry: bool = False) -> None:
    """With ``EMBEDDINGS_PROVIDER=auto``: use the provider that offers embeddings.

    Without ``ask`` only if it is known; with ``retry`` all are asked anew.
    """
    if settings.memory.embeddings != "auto":
        return
    candidates = offering.services(settings)
    if retry:
        await embeddings.forget(memories.pool, [offering.mark(each) for each in candidates])
    look = offering.find if ask else offering.found
    service = await look(memories.pool, candidates)
    memories.reasons = [] if service else await offering.reasons(memories.pool, candidates)
    if service is None:
        memories.use(None)
        return
    assert service.dimensions is not None
    index = index_of(settings, service.model, service.dimensions)
    if memories.space is None or memories.space.index.name != index.name:
        memories.use(Space(OpenAiEmbedder(service), index, partial(offering.refused, memories.pool, service)))
    else:
        await index.close()


@asynccontextmanager
async def open_memories(settings: Settings, pool: Pool) -> AsyncIterator[Memories]:
    """Memories as the settings want them. Nothing is connected or imported before it is used."""
    home = settings.runtime.home
    made = embedder(settings.memory, home)
    model, dimensions = (settings.memory.model, settings.memory.dimensions) if made else NO_MODEL
    memories = Memories(pool, index_of(settings, model, dimensions), made, graph(settings.memory, home), home)
    try:
        await settle(memories, settings, ask=False)
        yield memories
    finally:
        await memories.close()
