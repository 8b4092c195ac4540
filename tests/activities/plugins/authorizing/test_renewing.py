"""A login stays alive over restarts and among workers, and says so when it is over."""

import asyncio
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.oauth.renewing import LEASE
from activities.plugins.needs_login import NeedsLogin
from clara.errors import Unavailable
from clara.plugins.plugin import Plugin
from store import logins
from store.database import Pool
from tests.activities.plugins.authorizing.conftest import Worker
from tests.loopback.plugins.hosted import Hosted

MakeWorker = Callable[[], Worker]


@pytest.fixture
def me() -> str:
    return f"cli:{secrets.token_hex(6)}"


async def test_an_expired_token_is_renewed_after_a_restart(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    hosted.lifetime_s = 1
    await worker().connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.lifetime_s = 3600
    after = worker()
    assert await after.whoami(plugin, me) == "alice"
    assert hosted.asked["refresh_token"] == 1
    status = await after.logins.status(plugin, me)
    assert status.expires_at is not None
    assert timedelta(minutes=50) < status.expires_at - datetime.now(UTC) < timedelta(minutes=61)


async def test_a_token_that_the_server_no_longer_takes_is_renewed_in_the_same_request(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    assert await here.whoami(plugin, me) == "alice"
    hosted.end_tokens()
    assert await here.whoami(plugin, me) == "alice"
    assert hosted.asked["refresh_token"] == 1


async def test_of_many_workers_one_renews(worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted) -> None:
    workers = [worker() for _ in range(4)]
    await workers[0].connect(plugin, me, "alice")
    for round in range(1, 4):
        hosted.end_tokens()
        hosted.slow_s = 0.3
        calls = [each.whoami(plugin, me) for each in workers for _ in range(3)]
        assert await asyncio.gather(*calls) == ["alice"] * len(calls)
        assert hosted.asked["refresh_token"] == round
    assert not hosted.asked["stolen"]


async def test_of_two_worker_processes_one_renews(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, database_url: str, tmp_path: Path
) -> None:
    hosted.lifetime_s = 0.5
    await worker().connect(plugin, me, "alice")
    hosted.lifetime_s, hosted.slow_s = 3600, 0.5
    module = "tests.activities.plugins.authorizing.renewer"
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, database_url, str(tmp_path), plugin.id, me, hosted.origin),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for each in processes:
        assert each.stdout is not None
        assert await each.stdout.readline() == b"ready\n"
    said = [out for out, _ in await asyncio.gather(*(each.communicate(b"go\n") for each in processes))]
    assert said == [b"2\n"] * 3
    assert (hosted.asked["refresh_token"], hosted.asked["stolen"]) == (1, 0)


async def test_a_renewal_outlives_the_call_that_needed_it(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.slow_s = 0.5
    call = asyncio.create_task(here.whoami(plugin, me))
    while not hosted.asked["refresh_token"]:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await worker().whoami(plugin, me) == "alice"
    assert not hosted.asked["stolen"]


async def test_a_worker_that_died_while_it_renewed_is_followed_by_another(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, pool: Pool
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    assert await logins.claim_refresh(pool, plugin.id, me, 1, timedelta(seconds=1))
    assert timedelta(seconds=20) < LEASE
    assert await here.whoami(plugin, me) == "alice"


async def test_a_login_that_was_ended_there_asks_to_connect_again(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    assert await here.whoami(plugin, me) == "alice"
    hosted.grants.clear()
    with pytest.raises(NeedsLogin, match="connect it again"):
        await here.whoami(plugin, me)
    assert (await here.logins.status(plugin, me)).state == "lost"
    asked = hosted.asked["refresh_token"]
    with pytest.raises(NeedsLogin):
        await worker().whoami(plugin, me)
    assert hosted.asked["refresh_token"] == asked, "what is over is not asked for again"
    await here.connect(plugin, me, "alice")
    assert await here.whoami(plugin, me) == "alice"


async def test_a_server_in_trouble_ends_no_login(worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.down = True
    with pytest.raises(Unavailable, match="overloaded"):
        await here.whoami(plugin, me)
    hosted.down = False
    assert await worker().whoami(plugin, me) == "alice"


async def test_a_token_that_still_holds_is_used_while_it_cannot_be_renewed(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    hosted.lifetime_s = 30
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.down = True
    assert await here.whoami(plugin, me) == "alice"


async def test_a_forgotten_login_is_revoked_at_the_server(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, pool: Pool
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    await here.connect(plugin, f"{me}2", "bob")
    assert await here.logins.forget(plugin, me)
    assert [grant.account for grant in hosted.grants] == ["bob"]
    with pytest.raises(NeedsLogin):
        await worker().whoami(plugin, me)
    await here.logins.forget_all(plugin.id)
    assert not hosted.grants
    assert await logins.of_plugin(pool, plugin.id) == []
