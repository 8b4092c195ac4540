"""What every test may use: real servers, started once, and an environment without the developer's own settings."""

import atexit
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client
from temporalio.worker import Worker

from clara.memory.kinds import Owner, scope
from store import migrations
from store.database import Pool, open_pool
from store.memory.index import Index
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.payloads import PostgresPayloads
from temporal import client as temporal_client
from temporal import policies, queues
from temporal.processes import collecting
from temporal.processes.runner import workflow_runner
from tests import needs, servers
from tests.loopback import feature_hash
from tests.watched import watched
from workers.options import worker_options
from workers.roles import WORKFLOWS

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # a busy one must fail no test

_NUMBERS = count(1)

OURS = ("CLARA_", "ANTHROPIC_", "OPENROUTER_", "NANOGPT_", "CUSTOM_OPENAI_", "LLM_", "DISCORD_", "TEMPORAL_", "MEM0_")


def pytest_configure(config: pytest.Config) -> None:
    """One of several processes of tests (``-n``) ends as the one in ``tests/__main__.py`` does.

    Exit handlers run when everything is reported and nothing is taken down yet; this one runs first.
    """
    collecting.seldom()  # what is collected is a fifth faster, and is not looked through again with every test
    if hasattr(config, "workerinput"):
        atexit.register(os._exit, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.sharing import Sharing

    return Sharing(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from tests.sharing import in_order

        items[:] = in_order(items)


def pytest_collection_finish() -> None:
    collecting.keep()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in needs.report():
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(autouse=True, scope="session")
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    for name in os.environ:
        if name.startswith(OURS) or name in ("DATABASE_URL", "OPENAI_API_KEY", "QDRANT_URL", "FALKORDB_URL"):
            patch.delenv(name)
    patch.setenv("CLARA_ENV_FILE", os.devnull)
    patch.setenv("CLARA_HOME", str(tmp_path_factory.mktemp("home")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A migrated database, shared by all tests, which keep apart by their names."""
    with servers.postgres() as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    with servers.temporal_server() as address:
        yield address


@pytest.fixture(scope="session")
async def client(temporal_address: str, pool: Pool) -> Client:
    return await temporal_client.connect({}, temporal_address, [PostgresPayloads(pool)])


StartWorker = Callable[..., AbstractAsyncContextManager[Worker]]


def starting(client: Client) -> StartWorker:
    """Runs workers as ``python -m workers`` does, their workflows watched, each for the length of a block."""

    @asynccontextmanager
    async def run(activities: Any, task_queue: str = queues.TURNS, **changes: Any) -> AsyncIterator[Worker]:
        options = {
            **worker_options(),
            "workflows": WORKFLOWS,
            "workflow_runner": watched(),
            **changes,
        }
        async with Worker(client, task_queue=task_queue, activities=activities, **options) as worker:
            yield worker

    return run


@pytest.fixture
def start_worker(client: Client) -> StartWorker:
    return starting(client)


@pytest.fixture
def start_unwatched(start_worker: StartWorker) -> StartWorker:
    """Without the sandbox, as in production: where turns are many, and where a limit of the workflows is patched."""
    return partial(start_worker, workflow_runner=workflow_runner())


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that count attempts: on a busy machine none is taken for dead whose heartbeat is late."""
    monkeypatch.setattr(policies, "MODEL", replace(policies.MODEL, silence=timedelta(seconds=30)))


@pytest.fixture
def owner() -> Owner:
    """Somebody whom no other test knows."""
    return scope(f"cli:person-{next(_NUMBERS)}")


@pytest.fixture
def stranger() -> Owner:
    return scope(f"cli:stranger-{next(_NUMBERS)}")


@pytest.fixture(scope="session")
async def pgvector(pool: Pool, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Index]:
    """Memories' vectors beside everything else in the tests' database."""
    home = tmp_path_factory.mktemp("mem0")
    index = Mem0Index(
        PostgresVectors(database_url), "test_memories_384", feature_hash.DIMENSIONS, home, "test_memories_"
    )
    yield index
    await index.close()
