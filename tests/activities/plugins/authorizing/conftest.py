"""A hosted server with its own login, a plugin for it, and workers that share the store and nothing else."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.plugins.authorizing import Logins
from activities.plugins.running import Servers
from activities.plugins.values import Values
from clara.plugins.logins import OVER, LoginOutcome
from clara.plugins.plugin import Launch, Plugin
from clara.settings import load
from clara.sources.keyfile import make_key
from store import plugins
from store.database import Pool
from store.sealing import Keys, Sealer
from tests.loopback.plugins.hosted import Hosted, says_yes

CALLBACK = "http://127.0.0.1:1/oauth/callback"


class Worker:
    """A worker of the role, as far as logins go. Another one, or the same after a restart, is another object."""

    def __init__(self, pool: Pool, home: Path, hosted: Hosted) -> None:
        settings = load({"CLARA_HOME": str(home), "MCP_TRUSTED_URLS": hosted.origin})
        sealer = Sealer(Keys.of(settings))
        self.logins = Logins(pool, sealer, CALLBACK, settings.plugins.trusted_urls)
        self.values = Values(pool, sealer)
        self.servers = Servers(pool, settings, self.values, self.logins.auth)

    async def whoami(self, plugin: Plugin, user_id: str) -> str:
        """Whose account the server takes a person for."""
        result = await self.servers.call(plugin, user_id, "whoami", {}, timeout=timedelta(seconds=20))
        assert not result.is_error
        return result.text

    async def complete(self, plugin: Plugin, user_id: str, back: str) -> LoginOutcome:
        """Bring by hand what a browser came back with, and finish the login."""
        login_id = await self.logins.bring(plugin, user_id, back)
        return await self.logins.finish(login_id) if login_id else OVER

    async def connect(self, plugin: Plugin, user_id: str, account: str) -> None:
        back = await says_yes(await self.logins.start(plugin, user_id), account)
        outcome = await self.complete(plugin, user_id, back)
        assert outcome.done, outcome.text


@pytest.fixture
async def hosted() -> AsyncIterator[Hosted]:
    async with Hosted() as server:
        yield server


@pytest.fixture
async def worker(pool: Pool, tmp_path: Path, hosted: Hosted) -> AsyncIterator[Callable[[], Worker]]:
    """Makes workers."""
    make_key(tmp_path)
    made: list[Worker] = []

    def make() -> Worker:
        made.append(Worker(pool, tmp_path, hosted))
        return made[-1]

    yield make
    for each in made:
        await each.servers.close()


@pytest.fixture
async def plugin(pool: Pool, hosted: Hosted) -> Plugin:
    return await added(pool, hosted)


async def added(pool: Pool, hosted: Hosted, **launch: Any) -> Plugin:
    id = secrets.token_hex(8)
    plugin = Plugin(
        id=id, owner="", name=f"hosted{id}", kind="http", source=hosted.url,
        launch=Launch(url=hosted.url, **launch), state="enabled", installed_by="cli:olga",
    )  # fmt: skip
    assert await plugins.add(pool, plugin)
    return plugin
