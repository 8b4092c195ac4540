"""Every index of vectors that can be had here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clara.memory import feature_hash
from clara.settings import environment
from store.memory.index import Index
from store.memory.qdrant import QdrantIndex

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
    location = ":memory:" if request.param == "qdrant-in-process" else str(QDRANT)
    qdrant = QdrantIndex(location, None, "clara_contract_tests_384", feature_hash.DIMENSIONS, home)
    yield qdrant
    await qdrant.close()
