"""Plugins that are in the store and on the disk, and a pool of servers for them."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from activities.plugins import places
from activities.plugins.running import Servers
from clara.plugins.plugin import Launch, Plugin
from clara.settings import Settings, load
from store import plugins
from store.database import Pool
from tests import needs, npm

PROGRAMS = Path(__file__).parents[3] / "loopback" / "plugins"
PYTHON = "python3"


@dataclass
class Bench:
    """``servers`` with plugins to call."""

    pool: Pool
    settings: Settings
    values: dict[str, str] = field(default_factory=dict)
    servers: Servers = field(init=False)

    def __post_init__(self) -> None:
        async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
            return self.values

        self.servers = Servers(self.pool, self.settings, values)

    async def plugin(self, launch: Launch, installed: Path | None = None, name: str = "") -> Plugin:
        """One that is enabled. ``installed`` is what lies at /opt/plugin."""
        id = secrets.token_hex(8)
        plugin = Plugin(
            id=id, owner="", name=name or f"test{id}", kind="command", source="a test",
            launch=launch, state="enabled", installed_by="terminal:olga",
        )  # fmt: skip
        assert await plugins.add(self.pool, plugin)
        if installed is not None:
            where = places.installed(places.root(self.settings), plugin.id)
            where.parent.mkdir(parents=True, exist_ok=True)
            where.symlink_to(installed)
        return plugin

    async def npm(self, server: str, *arguments: str, **launch: Any) -> Plugin:
        """A real server from npm."""
        command = ("node", f"{places.INSIDE}/{npm.SERVERS[server]}", *arguments)
        return await self.plugin(Launch(command=command, **launch), npm.servers())

    async def python(self, program: str, *arguments: str, **launch: Any) -> Plugin:
        """A server of ours, of tests/loopback/plugins."""
        command = (PYTHON, "-I", f"{places.INSIDE}/{program}.py", *arguments)
        return await self.plugin(Launch(command=command, **launch), PROGRAMS)


@pytest.fixture
async def opened(pool: Pool, tmp_path: Path) -> AsyncIterator[Callable[..., Bench]]:
    """Makes benches, with these settings."""
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        environment = {"CLARA_HOME": str(tmp_path), **settings}
        made.append(Bench(pool, load(environment)))
        return made[-1]

    yield make
    for bench in made:
        await bench.servers.close()


@pytest.fixture
def bench(opened: Callable[..., Bench]) -> Bench:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    needs.require("bubblewrap")
    return opened()
