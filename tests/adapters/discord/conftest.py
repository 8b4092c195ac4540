"""One adapter for all tests here: it is a process, and so are the worker and Temporal behind it.

They end with the last of these tests: idle servers take what the tests after them could use.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from store.database import Pool
from store.payloads import PostgresPayloads
from temporal.client import connect
from tests.adapters.discord.harness import Process, Stage, environment, script
from tests.loopback.discord import Channel, FakeDiscord, User
from tests.loopback.models import KEY, ModelServer
from tests.servers import temporal_server


@pytest.fixture(scope="package")
def temporal_address() -> Iterator[str]:
    """A server of their own: their worker process would take the turns of other tests."""
    with temporal_server() as address:
        yield address


@pytest.fixture(scope="package")
async def client(temporal_address: str, pool: Pool) -> Client:
    """Defined here again, or the first of these tests would connect all others to that server."""
    return await connect({}, temporal_address, [PostgresPayloads(pool)])


@pytest.fixture(scope="package")
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer(script) as server:
        yield server


@pytest.fixture(scope="package")
async def stage(
    database_url: str, temporal_address: str, models: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    home = tmp_path_factory.mktemp("discord")
    servers = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address}
    llm = {
        "LLM_PROVIDER": "openai",
        "CUSTOM_OPENAI_API_KEY": KEY,
        "CUSTOM_OPENAI_BASE_URL": models.openai_url,
        "CLARA_TOOLS": "tests.adapters.cli.outside",
    }
    async with FakeDiscord() as fake:
        discord = {"DISCORD_BOT_TOKEN": fake.token, "DISCORD_API_BASE": fake.url, "DISCORD_STOP_PHRASES": "halt"}
        adapter = Process("adapters.discord", environment(home, **servers, **discord), home / "adapter.log")
        worker = Process("workers", environment(home, **servers, **llm), home / "worker.log", ["openai"])
        staged = Stage(fake, adapter, worker, old=fake.world.add_channel("older than her coming"))
        people = fake.world.add_user("Somebody")
        await fake.say(staged.old, people, f"<@{fake.world.clara.id}> will you come?")
        await worker.start()
        await adapter.start()
        try:
            await staged.connected()
            yield staged
            assert fake.violations == []
            assert fake.limits.exceeded == []
        finally:
            await adapter.kill()
            await worker.kill()


@pytest.fixture
async def bot(stage: Stage) -> Stage:
    """The stage with both processes running, whatever the test before did to them."""
    for process in (stage.worker, stage.adapter):
        if not process.running:
            await process.start()
    await stage.connected()
    return stage


@pytest.fixture
async def channel(bot: Stage) -> Channel:
    return await bot.fake.channel()


@pytest.fixture
def alice(stage: Stage) -> User:
    return stage.fake.world.add_user("Alice", nick="Alice of Wonderland")


@pytest.fixture
def fake(bot: Stage) -> FakeDiscord:
    return bot.fake


@pytest.fixture
def at(stage: Stage) -> str:
    """How people mention Clara."""
    return f"<@{stage.fake.world.clara.id}>"


@pytest.fixture
def log_file(stage: Stage) -> Path:
    return stage.adapter.log
