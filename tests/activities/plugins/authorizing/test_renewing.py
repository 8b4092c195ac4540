"""A login stays alive over restarts and among workers, and says so when it is over."""

import asyncio
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.oauth import renewing
from activities.plugins.needs_login import NeedsLogin
from clara.errors import Unavailable
from clara.plugins.plugin import Plugin
from store import logins
from store.database import Pool
from tests.activities.plugins.authorizing.conftest import Worker
from tests.loopback.plugins.hosted import Hosted

MakeWorker = Callable[[], Worker]


async def _end(pool: Pool, plugin: Plugin, user_id: str) -> None:
    """The access token that is kept has ended."""
    async with pool.connection() as connection:
        await connection.execute(
            "update plugin_logins set expires_at = now() where plugin_id = %s and user_id = %s", (plugin.id, user_id)
        )


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
    assert await here.whoami(plugin, me) == "alice"


@pytest.mark.parametrize("grace_s", [60.0, 0.0])
async def test_a_worker_that_was_killed_after_the_server_had_replaced_the_token(
    worker: MakeWorker,
    plugin: Plugin,
    me: str,
    hosted: Hosted,
    database_url: str,
    tmp_path: Path,
    pool: Pool,
    grace_s: float,
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.grace_s, hosted.late_s = grace_s, 30.0
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.activities.plugins.authorizing.renewer"),
        *(database_url, str(tmp_path), plugin.id, me, hosted.origin, "1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdin is not None
    await _end(pool, plugin, me)
    killed.stdin.write(b"go\n")
    async with asyncio.timeout(60):
        while not hosted.asked["replaced"]:
            await asyncio.sleep(0.01)
    killed.kill()
    await killed.wait()
    hosted.late_s = 0.0
    if grace_s:
        assert await here.whoami(plugin, me) == "alice", "the server still takes the old one, which is tried soon"
        return
    with pytest.raises(NeedsLogin, match="connect it again"):
        await here.whoami(plugin, me)
    assert (await here.logins.status(plugin, me)).state == "lost"
    asked = hosted.asked["refresh_token"]
    with pytest.raises(NeedsLogin):
        await worker().whoami(plugin, me)
    assert hosted.asked["refresh_token"] == asked
    hosted.late_s = 0.0
    await here.connect(plugin, me, "alice")
    assert await here.whoami(plugin, me) == "alice"


async def test_who_renews_stays_the_one_for_as_long_as_it_takes(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "LEASE", timedelta(seconds=0.5))
    monkeypatch.setattr(renewing, "EXTENDED_S", 0.1)
    one, other = worker(), worker()
    await one.connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.slow_s = 1.5
    assert await asyncio.gather(one.whoami(plugin, me), other.whoami(plugin, me)) == ["alice", "alice"]
    assert (hosted.asked["refresh_token"], hosted.asked["stolen"]) == (1, 0)


async def test_a_worker_that_ends_keeps_what_the_server_is_giving_out(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    hosted.late_s = 0.5
    call = asyncio.create_task(here.whoami(plugin, me))
    while not hosted.asked["replaced"]:
        await asyncio.sleep(0.01)
    call.cancel()
    await here.logins.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == f"login at {plugin.id}"]
    hosted.late_s = 0.0
    assert await worker().whoami(plugin, me) == "alice"
    assert not hosted.asked["stolen"]


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
