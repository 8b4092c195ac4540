"""Memories in a real Postgres, and every index that can be had here."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from clara.memory.kinds import Owner, scope
from clara.settings import environment
from store.database import Pool
from store.memory.index import Index
from store.memory.pgvector import PgVectorIndex
from store.memory.qdrant import QdrantIndex

_NUMBERS = count(1)

DIMENSIONS = 384

QDRANT = environment().get("QDRANT_URL")  # read before the tests' environment is cleaned


@pytest.fixture
def owner() -> Owner:
    """Somebody whom no other test knows."""
    return scope(f"cli:person-{next(_NUMBERS)}")


@pytest.fixture
def stranger() -> Owner:
    return scope(f"cli:stranger-{next(_NUMBERS)}")


@pytest.fixture(scope="session")
async def pgvector(pool: Pool, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Index]:
    index = PgVectorIndex(pool, database_url, "test_memories_384", DIMENSIONS, tmp_path_factory.mktemp("mem0"))
    yield index
    await index.close()


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
    qdrant = QdrantIndex(location, None, "clara_contract_tests_384", DIMENSIONS, home)
    yield qdrant
    await qdrant.close()
