"""A world whose services take their time, and worker processes that can be killed while they wait for it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chaos.world import World
from tests.loopback.models import ModelServer
from tests.workflows.workers import Workers, worker_processes


@pytest.fixture
def world() -> Iterator[World]:
    with World() as opened:
        yield opened


@pytest.fixture
async def workers(world: World, tmp_path: Path, database_url: str, temporal_address: str) -> AsyncIterator[Workers]:
    async with (
        ModelServer() as models,
        worker_processes(tmp_path, database_url, temporal_address, models.url, world.url) as started,
    ):
        yield started
