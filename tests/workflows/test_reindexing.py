"""Vectors anew as a workflow: resumed after a killed worker, paused by an outage, made once by however many workers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from activities.memory import reindexing as work
from activities.memory.activities import MemoryActivities
from activities.memory.embedding import OpenAiEmbedder, Service
from activities.memory.memories import Memories, Space
from clara.memory.kinds import Owner
from clara.memory.requests import ReindexProgress, ReindexRequest
from clara.settings import load
from store.database import Pool
from store.memory import indexing
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.memory.writing import Draft
from temporal import policies
from temporal.processes.runner import workflow_runner
from temporal.starting import reindexing
from tests.conftest import StartWorker
from tests.loopback.embeddings import KEY, EmbeddingServer
from tests.patience import PATIENCE_S
from workflows import reindex

MANY = 150


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer() as running:
        yield running


@pytest.fixture
async def memories(
    pool: Pool, database_url: str, tmp_path: Path, owner: Owner, server: EmbeddingServer
) -> AsyncIterator[Memories]:
    """A person's memories, kept while there was no embedding model; now there is one."""
    name = f"again_{uuid4().hex[:8]}_384"
    made = Memories(pool, Mem0Index(PostgresVectors(database_url), name, 384, tmp_path, name), None)
    await made.add(owner, [Draft(f"fact number {n}", f"{owner} {n}", "import") for n in range(MANY)])
    made.use(Space(OpenAiEmbedder(Service("stand-in", server.url, "model", KEY, dimensions=384)), made.index))
    yield made
    await made.close()


def serving(memories: Memories) -> list[object]:
    return [MemoryActivities(memories, load({}).memory, None).reindex]


async def ended(client: Client) -> ReindexProgress:
    handle = client.get_workflow_handle(reindexing.ID, result_type=ReindexProgress)
    async with asyncio.timeout(PATIENCE_S):
        found: ReindexProgress = await handle.result()
    return found


async def test_every_memory_gets_its_vector_once_whoever_asks(
    client: Client, memories: Memories, owner: Owner, server: EmbeddingServer, start_worker: StartWorker
) -> None:
    async with start_worker(serving(memories)):
        asking = [reindexing.start(client, ReindexRequest(collection=memories.index.name)) for _ in range(5)]
        await asyncio.gather(*asking)
        progress = await ended(client)
    assert progress.over
    assert await memories.index.count(owner) == MANY
    assert await indexing.is_complete(memories.pool, memories.index.name)
    assert sum(len(body["input"]) for body in server.requests) == progress.total


async def test_an_outage_pauses_it_and_it_goes_on(
    client: Client,
    memories: Memories,
    owner: Owner,
    server: EmbeddingServer,
    start_worker: StartWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindex, "PAUSE", timedelta(seconds=1))
    monkeypatch.setattr(policies, "REINDEX", replace(policies.REINDEX, attempts=2))
    server.mode = "500"
    # The sandbox would read the module anew, with the pause as it is.
    async with start_worker(serving(memories), workflow_runner=workflow_runner(watched=False)):
        await reindexing.start(client, ReindexRequest(collection=memories.index.name))
        async with asyncio.timeout(PATIENCE_S):
            while len(server.requests) < 4:  # two tries, a pause, and again
                await asyncio.sleep(0.1)
        server.mode = "ok"
        assert (await ended(client)).over
    assert await memories.index.count(owner) == MANY


async def test_a_worker_that_ends_in_the_middle_loses_no_more_than_a_batch(
    memories: Memories, owner: Owner, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BATCH", 20)
    request = ReindexRequest(collection=memories.index.name)
    task = asyncio.create_task(work.reindex(memories, request))
    async with asyncio.timeout(PATIENCE_S):
        while await memories.index.count(owner) < 20:
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    asked = sum(len(body["input"]) for body in server.requests)
    assert (await work.reindex(memories, request)).over
    assert await memories.index.count(owner) == MANY
    again = sum(len(body["input"]) for body in server.requests)
    total = (await indexing.progress(memories.pool, memories.index.name))[1]
    assert again <= total + 2 * 20
    assert asked < total


async def test_a_worker_with_other_settings_leaves_the_collection_alone(
    memories: Memories, owner: Owner, server: EmbeddingServer
) -> None:
    assert (await work.reindex(memories, ReindexRequest(collection="of another model"))).over
    memories.use(None)
    assert (await work.reindex(memories, ReindexRequest(collection=memories.index.name))).over
    assert server.requests == []


async def test_back_and_forth_between_two_models_every_search_has_vectors_of_its_own(
    memories: Memories, owner: Owner, pool: Pool, database_url: str, tmp_path: Path
) -> None:
    async with EmbeddingServer(dimensions=768) as bigger:
        first = memories.space
        name = f"other_{uuid4().hex[:8]}_768"
        index = Mem0Index(PostgresVectors(database_url), name, 768, tmp_path, name)
        second = Space(OpenAiEmbedder(Service("other", bigger.url, "bigger", KEY, dimensions=768)), index)
        for space in (first, second, first):
            assert space
            memories.use(space)
            assert (await work.reindex(memories, ReindexRequest(collection=space.index.name))).over
            assert await space.index.count(owner) == MANY
