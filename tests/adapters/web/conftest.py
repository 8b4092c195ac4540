"""The web service as a process runs it, beside workers that do what it asks for."""

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from temporalio.client import Client

from activities.accounts.activities import SignInActivities
from activities.accounts.signing_in import SignIns
from activities.notices import NoticeActivities
from activities.plugins.authorizing import Logins
from activities.plugins.authorizing.activities import LoginActivities
from adapters.web.process import run
from clara.plugins.plugin import Launch, Plugin
from clara.settings import Settings, load
from clara.sources.keyfile import make_key
from store import plugins
from store.database import Pool
from store.sealing import Keys, Sealer
from temporal import queues
from tests.activities.google.signing_in import at_google
from tests.conftest import StartWorker
from tests.loopback.google import GoogleServer
from tests.loopback.google.oauth import GoogleLogin
from tests.loopback.plugins.hosted import Hosted


class Site:
    """The service, ``browser`` to look at it with, and what a worker knows."""

    def __init__(self, settings: Settings, logins: Logins, hosted: Hosted, sign_ins: SignIns) -> None:
        self.settings = settings
        self.logins = logins
        self.hosted = hosted
        self.sign_ins = sign_ins
        self.browser = httpx2.AsyncClient(base_url=settings.own_address, trust_env=False, timeout=60)


@pytest.fixture
async def hosted() -> AsyncIterator[Hosted]:
    async with Hosted() as server:
        yield server


@pytest.fixture
def google() -> GoogleLogin:
    return GoogleLogin()


@pytest.fixture
async def google_url(google: GoogleLogin) -> AsyncIterator[str]:
    async with GoogleServer(google.tokens, pages=google.pages) as server:
        yield server.url


@pytest.fixture
async def site(
    pool: Pool, client: Client, database_url: str, temporal_address: str, tmp_path: Path, start_worker: StartWorker,
    hosted: Hosted, google_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Site]:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    make_key(tmp_path)
    servers = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address}
    settings = load({"CLARA_HOME": str(tmp_path), "WEB_PORT": str(_free_port()), **servers})
    sealer, callback = Sealer(Keys.of(settings)), f"{settings.own_address}/oauth/callback"
    logins = Logins(pool, sealer, callback, [hosted.origin])
    serving = LoginActivities(pool, logins)
    sign_ins = SignIns(pool, sealer, callback, {"google": at_google(google_url)})
    browsing = SignInActivities(pool, client, sign_ins)
    made = Site(settings, logins, hosted, sign_ins)
    ended = asyncio.Event()
    async with (
        start_worker([NoticeActivities(pool).keep, browsing.begin, browsing.finish, browsing.end]),
        start_worker([serving.begin, serving.finish, serving.end], queues.PLUGINS, workflows=()),
        made.browser,
    ):
        running = asyncio.create_task(run(settings, ended))
        yield made
        ended.set()
        await running


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
async def plugin(pool: Pool, hosted: Hosted) -> Plugin:
    id = secrets.token_hex(8)
    plugin = Plugin(
        id=id, owner="", name=f"hosted{id}", kind="http", source=hosted.url, launch=Launch(url=hosted.url),
        state="enabled", installed_by="cli:olga",
    )  # fmt: skip
    assert await plugins.add(pool, plugin)
    return plugin
