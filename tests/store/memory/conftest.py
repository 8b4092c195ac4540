"""Every index of vectors that can be had here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clara.settings import environment
from store.memory.index import Index
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import MEMORY, PostgresVectors, QdrantVectors
from tests.loopback import feature_hash

QDRANT = environment().get("QDRANT_URL")  # read before the tests' environment is cleaned


@pytest.fixture(scope="session", params=["pgvector", "qdrant-in-process", "qdrant-server"])
async def index(
    request: pytest.FixtureRequest, pgvector: Index, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Index]:
    """The same contract for each; one that cannot be had here is reported as skipped."""
    home: Path = tmp_path_factory.mktemp("mem0")
    if request.param == "pgvector":
        yield pgvector
        return
    if request.param == "qdrant-server" and QDRANT is None:
        pytest.skip("no Qdrant server: set QDRANT_URL to run the contract against one")
    server = QdrantVectors(MEMORY if request.param == "qdrant-in-process" else str(QDRANT))
    qdrant = Mem0Index(server, "clara_contract_tests_384", feature_hash.DIMENSIONS, home, "clara_contract_tests_")
    yield qdrant
    await qdrant.close()


@pytest.fixture
async def former(index: Mem0Index, database_url: str) -> AsyncIterator[Index]:
    """The collection of a model that was in use before, of the same family on the same server."""
    shared = isinstance(index._server, QdrantVectors)  # the one in this process is there once
    server = index._server if shared else PostgresVectors(database_url)
    made = Mem0Index(server, f"{index._family}former_384", feature_hash.DIMENSIONS, index._home)
    yield made
    if not shared:
        await made.close()
