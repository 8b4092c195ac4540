"""From settings to the index of vectors that they name."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clara.settings import Settings
from store.database import Pool, open_pool
from store.memory.index import Index
from store.memory.pgvector import PgVectorIndex
from store.memory.qdrant import QdrantIndex


def collection_name(base: str, model: str, dimensions: int) -> str:
    """A collection holds the vectors of one model: its name says which, and how long they are."""
    slug = re.sub(r"[^a-z0-9]+", "_", model.lower()).strip("_")
    return f"{base}_{slug[:20]}_{dimensions}"


@asynccontextmanager
async def open_index(settings: Settings, pool: Pool) -> AsyncIterator[Index]:
    """Qdrant, the database of MEM0_DATABASE_URL, or Clara's own. Connects when it is first used."""
    memory, runtime = settings.memory, settings.runtime
    name = collection_name(memory.collection, memory.model, memory.dimensions)
    family = f"{memory.collection}_"
    if memory.qdrant_url:
        key = memory.qdrant_key.get_secret_value() if memory.qdrant_key else None
        qdrant = QdrantIndex(memory.qdrant_url, key, name, memory.dimensions, runtime.home, family)
        try:
            yield qdrant
        finally:
            await qdrant.close()
        return
    url = memory.outside_database.get_secret_value() if memory.outside_database else runtime.database_url
    assert url is not None, "there is a pool, so there is an address"
    own = await open_pool(url, max_size=4) if memory.outside_database else None
    index = PgVectorIndex(own or pool, url, name, memory.dimensions, runtime.home, family)
    try:
        yield index
    finally:
        await index.close()
        if own is not None:
            await own.close()
