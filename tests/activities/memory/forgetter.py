"""A process that forgets memories by their ids, and at last their person, until it is done or killed."""

import asyncio
import sys
from pathlib import Path

from activities.memory.memories import Memories
from activities.people.forgetting import forget_person
from clara.memory.kinds import scope
from store.database import open_pool
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from tests.loopback.hash_embedder import HashEmbedder


async def main(database_url: str, collection: str, home: str, person: str, ids: list[str]) -> None:
    pool = await open_pool(database_url, max_size=2)
    index = Mem0Index(PostgresVectors(database_url), collection, 384, Path(home))
    memories = Memories(pool, index, HashEmbedder())
    await index.warm()  # the slow import, so that kills hit the forgetting
    _say("ready")
    for memory_id in ids:
        await memories.forget(scope(person), memory_id)
        _say("forgot")
    if not ids:
        await forget_person(memories, scope(person), None)
    _say("done")
    await memories.close()
    await pool.close()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5], sys.argv[5:]))
