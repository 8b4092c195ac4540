"""A process that stores what was learned, turn by turn, until it is done or killed."""

import asyncio
import sys
from pathlib import Path

from activities.memory.learning import Learner
from activities.memory.memories import Memories
from store.database import open_pool
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from tests.loopback.hash_embedder import HashEmbedder


async def main(database_url: str, collection: str, home: str, turn_ids: list[str]) -> None:
    pool = await open_pool(database_url, max_size=2)
    index = Mem0Index(PostgresVectors(database_url), collection, 384, Path(home))
    learner = Learner(Memories(pool, index, HashEmbedder()), None)
    await index.warm()  # the slow import, so that kills hit the writing
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for turn_id in turn_ids:
        await learner.store(turn_id)
        sys.stdout.write("stored\n")
        sys.stdout.flush()
    sys.stdout.write("done\n")
    sys.stdout.flush()
    await index.close()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
