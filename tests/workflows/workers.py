"""Workers in processes of their own, to be killed: what ``clara start`` runs, on the servers of the tests."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from tests import nursery
from tests.loopback.models import KEY
from tests.nursery import Born

ROOT = Path(__file__).parents[2]


class Workers:
    """Starts workers with the tools of ``tests.chaos.tools``; the model does what the messages say."""

    def __init__(
        self, home: Path, database_url: str, temporal_address: str, models: str, world: str, more: Mapping[str, str]
    ) -> None:
        self.log = home / "workers.log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "CLARA_HOME": str(home),
            "CLARA_ENV_FILE": os.devnull,
            "CLARA_TOOLS": "tests.chaos.tools",
            "CLARA_TEST_WORLD": world,
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "MEMORY_ENABLED": "false",
            "SANDBOX_MODE": "off",
            "LLM_PROVIDER": "anthropic",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": models,
            "ANTHROPIC_MODEL": "obey",
            **more,
        }
        self._running: list[Born] = []

    async def start(self) -> Born:
        with self.log.open("ab") as log:
            process = nursery.start("workers", env=self._environment, stdout=log, stderr=log, imported=["anthropic"])
        self._running.append(process)
        return process

    @property
    def newest(self) -> Born:
        return self._running[-1]

    async def end(self) -> None:
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.wait()


@asynccontextmanager
async def worker_processes(
    home: Path,
    database_url: str,
    temporal_address: str,
    models: str,
    world: str = "",
    more: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Workers]:
    """``more`` is environment beside theirs."""
    workers = Workers(home, database_url, temporal_address, models, world, more)
    try:
        yield workers
    finally:
        await workers.end()
