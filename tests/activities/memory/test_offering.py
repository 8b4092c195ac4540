"""Who offers embeddings, where the settings leave it open: asked once, remembered, never at a turn's expense."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from activities.memory import offering
from activities.memory.memories import Memories
from activities.memory.opening import open_memories, settle
from activities.memory.recalling import recall_for
from clara.memory.kinds import Owner
from clara.memory.recall import RecallRequest
from clara.settings import Settings, load
from store.database import Pool
from store.memory import embeddings
from store.memory.search import Place
from store.memory.writing import Draft
from tests.loopback.embeddings import EmbeddingServer, Mode


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer(key=f"secret-{uuid4().hex}") as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer(dimensions=768, key=f"secret-{uuid4().hex}") as running:
        yield running


def configured(url: str, home: Path, server: EmbeddingServer, other: EmbeddingServer | None = None) -> Settings:
    values = {"DATABASE_URL": url, "CLARA_HOME": str(home), "MEM0_COLLECTION_NAME": f"auto{uuid4().hex[:8]}"}
    values |= {"OPENROUTER_API_KEY": str(server._key), "OPENROUTER_BASE_URL": server.url}
    if other:
        values |= {"NANOGPT_API_KEY": str(other._key), "NANOGPT_BASE_URL": other.url}
    return load(values)


async def test_a_provider_is_asked_once_and_every_process_knows(
    pool: Pool, database_url: str, tmp_path: Path, server: EmbeddingServer
) -> None:
    settings = configured(database_url, tmp_path, server)
    async with open_memories(settings, pool) as memories, open_memories(settings, pool) as others:
        assert memories.space is None  # a first turn finds by words
        await asyncio.gather(settle(memories, settings), settle(others, settings))
        for each in (memories, others):
            await settle(each, settings)
        assert memories.space
        assert others.space
        assert memories.space.index.name == others.space.index.name
        assert memories.space.index.name.endswith("_384")
    assert len(server.requests) == 1
    async with open_memories(settings, pool) as later:
        assert later.space
    assert len(server.requests) == 1


@pytest.mark.parametrize("mode", ["401", "404"])
async def test_a_refusal_is_remembered_and_an_outage_is_not(
    pool: Pool, database_url: str, tmp_path: Path, server: EmbeddingServer, other: EmbeddingServer, mode: Mode
) -> None:
    server.mode, other.mode = mode, "500"
    settings = configured(database_url, tmp_path, server, other)
    async with open_memories(settings, pool) as memories:
        await settle(memories, settings)
        await settle(memories, settings)
        assert memories.space is None
        assert (len(server.requests), len(other.requests)) == (1, 1)
        told = " ".join(memories.reasons)
        assert "OpenRouter: " in told
        assert str(server._key) not in told
        assert str(other._key) not in told
        async with pool.connection() as connection:
            await connection.execute("update embedding_offers set again_at = now() where again_at is not null")
        server.mode = other.mode = "ok"
        await settle(memories, settings)
        assert memories.space, memories.reasons
        assert memories.space.index.name.endswith("_768")
        assert (len(server.requests), len(other.requests)) == (1, 2)
        await settle(memories, settings, retry=True)  # the operator wants to know
        assert memories.space.index.name.endswith("_384")
    rows = await embeddings.known(pool, [offering.mark(each) for each in offering.services(settings)])
    assert str(server._key) not in str(rows)


async def test_other_settings_are_asked_anew(
    pool: Pool, database_url: str, tmp_path: Path, server: EmbeddingServer
) -> None:
    settings = configured(database_url, tmp_path, server)
    server.mode = "404"
    async with open_memories(settings, pool) as memories:
        await settle(memories, settings)
        assert memories.space is None
    server.mode = "ok"
    changed = settings.model_copy(update={"memory": settings.memory.model_copy(update={"embeddings_model": "another"})})
    async with open_memories(changed, pool) as memories:
        await settle(memories, changed)
        assert memories.space
        assert server.requests[-1]["model"] == "another"


@pytest.mark.parametrize("mode", ["hang", "500", "nan", "prose", "empty", "401", "short"])
async def test_a_service_that_goes_bad_makes_no_turn_slow_or_fail(
    pool: Pool, database_url: str, tmp_path: Path, server: EmbeddingServer, owner: Owner, mode: Mode
) -> None:
    settings = configured(database_url, tmp_path, server)
    async with open_memories(settings, pool) as memories:
        await settle(memories, settings)
        await memories.add(owner, [Draft("I like green tea.", "tea", "import")])
        server.mode = mode
        for _ in range(2):
            assert await given(memories, owner) == ["I like green tea."]
        assert (memories.space is None) == (mode == "401")  # that one is not asked again
        await memories.add(owner, [Draft("I like coffee.", "coffee", "import")] if mode != "hang" else [])


async def given(memories: Memories, owner: Owner) -> list[str]:
    request = RecallRequest(turn_id="t", user_id=owner, query="which tea?", private=True)
    async with asyncio.timeout(5):
        items, _ = await recall_for(memories, request, 1_000, timeout=0.3)
    return [item.text for item in items]


async def test_vectors_of_another_length_are_not_mixed_in(
    pool: Pool, database_url: str, tmp_path: Path, server: EmbeddingServer, owner: Owner
) -> None:
    settings = configured(database_url, tmp_path, server)
    async with open_memories(settings, pool) as memories:
        await settle(memories, settings)
        server._dimensions = 100
        await memories.add(owner, [Draft("I like green tea.", "tea", "import")])
        assert await given(memories, owner) == ["I like green tea."]
        assert memories.space
        assert await memories.space.index.count(owner) == 0
        assert [m.text for m in await memories.search(Place(owner), "tea", 5)] == ["I like green tea."]


def test_the_provider_of_the_conversations_is_asked_before_others() -> None:
    settings = load(
        {"OPENROUTER_API_KEY": "k", "NANOGPT_API_KEY": "n", "LLM_PROVIDER": "nanogpt", "OPENAI_API_KEY": "o"}
    )
    assert [each.provider for each in offering.services(settings)] == ["OpenAI", "NanoGPT", "OpenRouter"]
    assert offering.services(load({"ANTHROPIC_API_KEY": "a"})) == ()
    assert "'k'" not in repr(offering.services(settings))
