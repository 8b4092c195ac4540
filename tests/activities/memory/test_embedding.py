"""Embedders: the real client library against a loopback service, and what its failures mean."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from activities.memory import embedding
from activities.memory.embedding import OpenAiEmbedder, embedder
from clara.errors import ClaraError, Misconfigured, Unavailable
from clara.settings import load
from tests.loopback import feature_hash
from tests.loopback.embeddings import KEY, EmbeddingServer, Mode


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer() as running:
        yield running


def client(server: EmbeddingServer, **changes: str) -> OpenAiEmbedder:
    values = {
        "EMBEDDINGS_PROVIDER": "openai",
        "OPENAI_API_KEY": KEY,
        "EMBEDDINGS_BASE_URL": server.url,
        "EMBEDDINGS_MODEL": "some-model",
        "EMBEDDINGS_DIMENSIONS": "384",
    }
    made = embedder(load(values | changes).memory, Path("/nonexistent"))
    assert isinstance(made, OpenAiEmbedder)
    return made


async def test_vectors_come_back_in_the_order_of_the_texts(server: EmbeddingServer) -> None:
    texts = [f"text number {n}" for n in range(100)]
    made = client(server)
    for mode in ("ok", "shuffled"):
        server.mode = mode
        vectors = await made.embed(texts)
        assert [pytest.approx(v) for v in vectors] == [feature_hash.embed(text) for text in texts]
    assert [len(body["input"]) for body in server.requests] == [64, 36] * 2
    await made.close()


async def test_openai_is_asked_for_the_length_that_was_set(server: EmbeddingServer) -> None:
    made = client(server, EMBEDDINGS_MODEL="text-embedding-3-large", EMBEDDINGS_DIMENSIONS="768")
    assert len((await made.embed(["hello"]))[0]) == 768
    assert server.requests[0]["dimensions"] == 768
    await made.close()


async def test_ollama_is_asked_without_the_key_of_openai(server: EmbeddingServer) -> None:
    server._key = "none"
    made = client(server, EMBEDDINGS_PROVIDER="ollama")
    assert len((await made.embed(["hello"]))[0]) == 384
    assert "dimensions" not in server.requests[0]
    await made.close()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("429", Unavailable),
        ("500", Unavailable),
        ("empty", Unavailable),
        ("short", Unavailable),
        ("nan", Unavailable),
        ("prose", Unavailable),
        ("redirect", Unavailable),
        ("401", Misconfigured),
        ("404", Misconfigured),
    ],
)
async def test_a_failure_is_asked_once_and_sorted(
    server: EmbeddingServer, mode: Mode, expected: type[ClaraError]
) -> None:
    server.mode = mode
    made = client(server)
    with pytest.raises(expected) as raised:
        await made.embed(["my private words", "others"])
    assert "private" not in str(raised.value)
    assert KEY not in str(raised.value)
    assert len(server.requests) == 1
    await made.close()


async def test_a_service_that_hangs_is_left_in_time(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "TIMEOUT_S", 0.2)
    server.mode = "hang"
    made = client(server)
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable, match="in time"):
            await made.embed(["hello"])
    await made.close()


async def test_a_service_that_is_gone(server: EmbeddingServer) -> None:
    made = client(server, EMBEDDINGS_BASE_URL="http://127.0.0.1:1/v1")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await made.embed(["hello"])
    await made.close()


async def test_a_wrong_length_names_the_setting_and_the_right_one(server: EmbeddingServer) -> None:
    made = client(server, EMBEDDINGS_PROVIDER="ollama", EMBEDDINGS_DIMENSIONS="512")
    server._key = None
    with pytest.raises(Misconfigured, match=r"EMBEDDINGS_DIMENSIONS: must be 384, .* not 512"):
        await made.embed(["hello"])
    await made.close()


@pytest.mark.parametrize("values", [{}, {"EMBEDDINGS_PROVIDER": "auto"}, {"EMBEDDINGS_PROVIDER": "hash"}])
async def test_nothing_embeds_before_a_provider_is_found_or_named(values: dict[str, str]) -> None:
    assert embedder(load(values).memory, Path("/nonexistent")) is None


async def test_a_local_model_without_its_library_says_what_to_install(tmp_path: Path) -> None:
    if find_spec("fastembed"):
        pytest.skip("fastembed is installed here, so its absence cannot be tested")
    made = embedder(load({"EMBEDDINGS_PROVIDER": "local"}).memory, tmp_path)
    with pytest.raises(Misconfigured, match="clara install embeddings-local"):
        await made.embed(["hello"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"EMBEDDINGS_PROVIDER": "openai"}, "OPENAI_API_KEY: must be set"),
        ({"EMBEDDINGS_PROVIDER": "ollama", "EMBEDDINGS_MODEL": "own"}, "EMBEDDINGS_DIMENSIONS: must"),
        ({"MEM0_DATABASE_URL": "mysql://x"}, "MEM0_DATABASE_URL: must"),
        ({"MEM0_DATABASE_URL": "postgresql://x/y", "QDRANT_URL": "http://q"}, "QDRANT_URL: MEM0"),
        ({"MEM0_COLLECTION_NAME": 'x"; drop table memories'}, "MEM0_COLLECTION_NAME: must"),
        ({"FALKORDB_URL": "localhost"}, "FALKORDB_URL: must"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        load(values)
