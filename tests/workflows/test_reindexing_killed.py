"""A worker that is killed with SIGKILL while it makes vectors anew: another one goes on from the last batch."""

import asyncio
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.memory.memories import Memories
from activities.memory.reindexing import BATCH
from clara.memory.kinds import Owner
from clara.memory.requests import ReindexProgress
from clara.settings import load
from store.database import Pool
from store.memory import indexing
from store.memory.opening import index_of
from store.memory.writing import Draft
from temporal.starting import reindexing
from tests.loopback.embeddings import KEY, EmbeddingServer
from tests.workflows.workers import worker_processes

MANY = 6 * BATCH
KILLS = 2


@pytest.mark.timeout(300)
async def test_every_memory_has_its_vector_after_workers_were_killed_in_the_middle(
    client: Client, pool: Pool, owner: Owner, database_url: str, temporal_address: str, tmp_path: Path
) -> None:
    async with EmbeddingServer() as server:
        more = {
            "MEMORY_ENABLED": "true",
            "EMBEDDINGS_PROVIDER": "openai",
            "EMBEDDINGS_BASE_URL": server.url,
            "EMBEDDINGS_MODEL": "model",
            "EMBEDDINGS_DIMENSIONS": "384",
            "OPENAI_API_KEY": KEY,
            "MEM0_COLLECTION_NAME": f"killed_{uuid.uuid4().hex[:8]}",
        }
        settings = load({**more, "DATABASE_URL": database_url, "CLARA_HOME": str(tmp_path)})
        index = index_of(settings, "model", 384)
        unindexed = Memories(pool, index, None)
        await unindexed.add(owner, [Draft(f"fact number {n}", f"{owner} {n}", "import") for n in range(MANY)])
        server.delay_s = 0.5
        async with worker_processes(tmp_path, database_url, temporal_address, server.url, more=more) as workers:
            for batches in range(1, KILLS + 1):
                worker = await workers.start()
                async with asyncio.timeout(90):
                    while (await indexing.progress(pool, index.name))[0] < batches * BATCH:
                        await asyncio.sleep(0.05)
                done, total = await indexing.progress(pool, index.name)
                assert done < total, "it was killed too late to prove anything"
                worker.kill()
                await worker.wait()
            server.delay_s = 0
            await workers.start()
            handle = client.get_workflow_handle(reindexing.ID, result_type=ReindexProgress)
            async with asyncio.timeout(120):
                assert (await handle.result()).over
        assert await index.count(owner) == MANY
        assert await indexing.is_complete(pool, index.name)
        assert sum(len(body["input"]) for body in server.requests) <= total + 10 + 2 * KILLS * BATCH
        await unindexed.close()
