"""Workers in processes of their own, to be killed: what ``clara start`` runs, on the servers of the tests."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from tests.loopback.models import KEY

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
            "LLM_PROVIDER": "anthropic",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": models,
            "ANTHROPIC_MODEL": "obey",
            "SANDBOX_MODE": "off",
            **more,
        }
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "workers", env=self._environment, cwd=ROOT, stdout=log, stderr=log
            )
        self._running.append(process)
        return process

    @property
    def newest(self) -> asyncio.subprocess.Process:
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
