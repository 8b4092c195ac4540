"""Logins as workflows have them done: one that a model finishes is as good as a browser's, and forgetting ends them."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.people import logins as ending
from activities.people.forgetting import Forgotten
from activities.plugins.authorizing import Logins
from activities.plugins.authorizing.activities import LoginActivities
from activities.plugins.management.desk import Desk
from activities.plugins.management.tools import toolset
from clara.errors import ToolFailed
from clara.memory.kinds import Owner, scope
from clara.plugins.plugin import Launch, Plugin
from clara.settings import load
from clara.sources.keyfile import make_key
from store import notices, plugins
from store.database import Pool
from store.sealing import Keys, Sealer
from temporal import attributes, queues
from tests.activities.plugins.management.test_management import message, run
from tests.conftest import StartWorker
from tests.loopback.plugins.hosted import Hosted, says_yes


@pytest.fixture
async def hosted() -> AsyncIterator[Hosted]:
    async with Hosted() as server:
        yield server


@pytest.fixture
def me() -> Owner:
    return scope(f"cli:{secrets.token_hex(6)}")


@pytest.fixture
def logins(pool: Pool, tmp_path: Path, hosted: Hosted) -> Logins:
    make_key(tmp_path)
    sealer = Sealer(Keys.of(load({"CLARA_HOME": str(tmp_path)})))
    return Logins(pool, sealer, "http://127.0.0.1:1/oauth/callback", [hosted.origin])


async def connected(pool: Pool, logins: Logins, hosted: Hosted, *people: str) -> Plugin:
    id = secrets.token_hex(8)
    plugin = Plugin(
        id=id, owner="", name=f"hosted{id}", kind="http", source=hosted.url, launch=Launch(url=hosted.url),
        state="enabled", installed_by="cli:olga",
    )  # fmt: skip
    assert await plugins.add(pool, plugin)
    for person in people:
        back = await says_yes(await logins.start(plugin, person), person)
        login_id = await logins.bring(plugin, person, back)
        assert login_id is not None
        assert (await logins.finish(login_id)).done
    return plugin


async def test_a_login_is_revoked_at_its_server_and_nobody_elses(
    client: Client, pool: Pool, start_worker: StartWorker, logins: Logins, hosted: Hosted, me: Owner
) -> None:
    await connected(pool, logins, hosted, me, "cli:somebody-else")
    serving = LoginActivities(pool, logins)
    async with start_worker([]), start_worker([serving.end], queues.PLUGINS, workflows=()):
        assert await ending.end_logins(pool, me, client) == ()
    assert [grant.account for grant in hosted.grants] == ["cli:somebody-else"]
    found = [each async for each in client.list_workflows(f"{attributes.USER.name} = '{me}'")]
    assert all("plugin-login/" in each.id for each in found), "which forgetting deletes as all of their histories"


async def test_where_it_goes_on_is_told(
    client: Client, pool: Pool, start_worker: StartWorker, logins: Logins, hosted: Hosted, me: Owner
) -> None:
    hosted.revokes = False
    plugin = await connected(pool, logins, hosted, me)
    serving = LoginActivities(pool, logins)
    async with start_worker([]), start_worker([serving.end], queues.PLUGINS, workflows=()):
        left = await ending.end_logins(pool, me, client)
    assert left == (plugin.name,)
    told = str(Forgotten({"turns": 2}, left))
    assert told.startswith("Deleted: 2 turns.")
    assert f"{plugin.name} that it is over: please end it in the settings" in told


async def test_workers_that_are_away_keep_nobody_waiting_for_long(
    client: Client,
    pool: Pool,
    start_worker: StartWorker,
    logins: Logins,
    hosted: Hosted,
    me: Owner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "PATIENCE", timedelta(seconds=0.5))
    plugin = await connected(pool, logins, hosted, me)
    assert await ending.end_logins(pool, me, client) == (plugin.name,)
    assert await ending.end_logins(pool, me, None) == (plugin.name,)


async def test_a_login_that_a_model_finishes_is_followed_by_a_look_at_the_tools(
    client: Client, pool: Pool, start_worker: StartWorker, logins: Logins, hosted: Hosted, me: Owner
) -> None:
    plugin = await connected(pool, logins, hosted)
    tools = {
        tool.name: tool
        for tool in (await toolset(Desk(pool, client, logins=logins)).offer(message(me, admin=False))).tools
    }
    serving = LoginActivities(pool, logins)
    async with start_worker([]), start_worker([serving.finish], queues.PLUGINS, workflows=()):
        started = (await run(tools["mcp_oauth_start"], me, name=plugin.name)).text
        back = await says_yes(started.partition("minutes: ")[2].splitlines()[0], "alice")
        said = await run(tools["mcp_oauth_complete"], me, name=plugin.name, code=back)
        assert said.text == f"The plugin {plugin.name} is connected."
        with pytest.raises(ToolFailed, match="used already"):
            await run(tools["mcp_oauth_complete"], me, name=plugin.name, code=back)
    look = await client.get_workflow_handle(f"plugin/{plugin.id}/refresh").describe()
    assert look.workflow_type == "PluginRefresh"
    assert await notices.unshown(pool, message(me).conversation) == [], "the model says it already"
