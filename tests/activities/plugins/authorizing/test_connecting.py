"""A person connects a plugin: once, for themselves alone, by an answer that nobody else can give."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from activities.plugins.needs_login import NeedsLogin
from clara.errors import UserError
from clara.plugins.plugin import EVERYBODY, Plugin
from store import logins
from store.database import Pool
from tests.activities.plugins.authorizing.conftest import CALLBACK, Worker
from tests.loopback.plugins.hosted import Hosted, answer_in, says_yes

MakeWorker = Callable[[], Worker]


@pytest.fixture
def me() -> str:
    return f"cli:{secrets.token_hex(6)}"


@pytest.fixture
def you() -> str:
    return f"discord:{secrets.token_hex(6)}"


async def test_two_people_are_two_accounts_at_one_plugin(
    worker: MakeWorker, plugin: Plugin, me: str, you: str, hosted: Hosted
) -> None:
    here = worker()
    with pytest.raises(NeedsLogin, match=r"is not connected yet.*mcp_oauth_start"):
        await here.whoami(plugin, me)
    assert (await here.logins.status(plugin, me)).state == "none"
    await here.connect(plugin, me, "alice")
    assert await here.whoami(plugin, me) == "alice"
    with pytest.raises(NeedsLogin):
        await here.whoami(plugin, you)
    await here.connect(plugin, you, "bob")
    assert (await here.whoami(plugin, you), await here.whoami(plugin, me)) == ("bob", "alice")
    assert (await here.logins.status(plugin, me)).state == "connected"


async def test_a_login_that_was_begun_goes_on_after_a_restart(
    worker: MakeWorker, plugin: Plugin, me: str, pool: Pool
) -> None:
    url = await worker().logins.start(plugin, me)
    back = answer_in(await says_yes(url, "alice"))
    id = back["state"].partition(".")[0]
    assert await logins.bring(pool, id, back)
    after = worker()
    outcome = await after.logins.finish(id)
    assert outcome.done, outcome.text
    assert await after.whoami(plugin, me) == "alice"


async def test_an_answer_counts_once(worker: MakeWorker, plugin: Plugin, me: str, pool: Pool, hosted: Hosted) -> None:
    here = worker()
    back = await says_yes(await here.logins.start(plugin, me), "alice")
    assert (await here.complete(plugin, me, back)).done
    again = await here.complete(plugin, me, back)
    assert not again.done
    assert "used already" in again.text
    id = answer_in(back)["state"].partition(".")[0]
    assert not await logins.bring(pool, id, answer_in(back))
    assert (await here.logins.finish(id)).done, "a worker that was killed before it could say so tells the outcome"
    assert len(hosted.grants) == 1


async def test_an_answer_to_somebody_else_is_refused(
    worker: MakeWorker, plugin: Plugin, me: str, you: str, hosted: Hosted
) -> None:
    here = worker()
    mine = await says_yes(await here.logins.start(plugin, me), "alice")
    await here.logins.start(plugin, you)
    outcome = await here.complete(plugin, you, mine)
    assert not outcome.done
    assert "does not answer what I asked" in outcome.text
    await here.logins.start(plugin, you)
    bare = await here.complete(plugin, you, answer_in(mine)["code"])
    assert not bare.done, "the code is bound to the one who began"
    assert not hosted.grants


async def test_a_forged_state_is_refused(worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted) -> None:
    here = worker()
    back = answer_in(await says_yes(await here.logins.start(plugin, me), "alice"))
    id, _, signature = back["state"].partition(".")
    forged = {**back, "state": f"{id}.{'0' * len(signature)}"}
    outcome = await here.complete(plugin, me, f"{CALLBACK}?{urlencode(forged)}")
    assert not outcome.done
    assert not hosted.grants


async def test_after_ten_minutes_it_is_too_late(worker: MakeWorker, plugin: Plugin, me: str, pool: Pool) -> None:
    here = worker()
    back = await says_yes(await here.logins.start(plugin, me), "alice")
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "update plugin_login_requests set until = until - interval '10 minutes' where user_id = %s"
                " returning until <= now() as is_over",
                (me,),
            )
        ).fetchone()
    assert row is not None
    assert row["is_over"]
    assert "older than ten minutes" in (await here.complete(plugin, me, back)).text


async def test_an_answer_of_another_server_is_refused(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    here = worker()
    back = answer_in(await says_yes(await here.logins.start(plugin, me), "alice"))
    for iss in ({"iss": "https://evil.example"}, {}):
        answer = {**{name: value for name, value in back.items() if name != "iss"}, **iss}
        outcome = await here.complete(plugin, me, f"{CALLBACK}?{urlencode(answer)}")
        assert "another login" in outcome.text
        back = answer_in(await says_yes(await here.logins.start(plugin, me), "alice"))
    assert not hosted.grants


async def test_a_no_is_a_no(worker: MakeWorker, plugin: Plugin, me: str) -> None:
    here = worker()
    back = await says_yes(await here.logins.start(plugin, me), "no")
    assert "You said no" in (await here.complete(plugin, me, back)).text


async def test_what_is_no_answer_leaves_the_login_open(worker: MakeWorker, plugin: Plugin, me: str) -> None:
    here = worker()
    back = await says_yes(await here.logins.start(plugin, me), "alice")
    with pytest.raises(UserError, match="Copy the whole address"):
        await here.complete(plugin, me, "I clicked on it")
    assert (await here.complete(plugin, me, f"  <{back}> ")).done


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_clients_with_a_secret(worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, method: str) -> None:
    hosted.auth_methods = (method,)
    here = worker()
    await here.connect(plugin, me, "alice")
    hosted.end_tokens()
    assert await here.whoami(plugin, me) == "alice"


async def test_nothing_secret_is_in_the_store_as_it_is(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted, pool: Pool, tmp_path: Path
) -> None:
    here = worker()
    await here.connect(plugin, me, "alice")
    await here.logins.set_token(plugin, f"{me}2", "token-by-hand")
    await here.logins.start(plugin, f"{me}3")
    async with pool.connection() as connection:
        rows = [
            *await (await connection.execute("select to_jsonb(t)::text as row from plugin_logins t")).fetchall(),
            *await (
                await connection.execute("select to_jsonb(t)::text as row from plugin_login_requests t")
            ).fetchall(),
        ]
    kept = json.dumps(rows)
    for secret in (hosted.grants[0].access, hosted.grants[0].refresh, "token-by-hand"):
        assert secret not in kept
        assert secret.encode().hex() not in kept


async def test_a_token_by_hand(worker: MakeWorker, plugin: Plugin, me: str, you: str, hosted: Hosted) -> None:
    here = worker()
    await here.connect(plugin, you, "alice")
    await here.logins.set_token(plugin, me, hosted.grants[0].access)
    assert await here.whoami(plugin, me) == "alice"
    with pytest.raises(UserError, match="one word"):
        await here.logins.set_token(plugin, me, "two words")


async def test_a_service_that_lets_no_program_introduce_itself_says_what_to_do(
    worker: MakeWorker, plugin: Plugin, me: str, you: str, hosted: Hosted
) -> None:
    hosted.registers = False
    here = worker()
    with pytest.raises(UserError) as told:
        await here.logins.start(plugin, me)
    for words in (CALLBACK, f"set {plugin.name} OAUTH_CLIENT_ID", f"oauth_set_token {plugin.name}"):
        assert words in str(told.value)
    hosted.clients["by-hand"] = {"redirect_uris": [CALLBACK], "client_secret": "s3cret-by-hand"}
    hosted.auth_methods = ("client_secret_basic",)
    await here.values.set(plugin, EVERYBODY, "OAUTH_CLIENT_ID", "by-hand")
    await here.values.set(plugin, EVERYBODY, "OAUTH_CLIENT_SECRET", "s3cret-by-hand")
    await here.connect(plugin, you, "bob")
    assert await here.whoami(plugin, you) == "bob"
    hosted.end_tokens()
    assert await worker().whoami(plugin, you) == "bob", "and it is renewed"


async def test_a_service_that_refuses_to_know_clara_says_the_same(
    worker: MakeWorker, plugin: Plugin, me: str, hosted: Hosted
) -> None:
    hosted.closed = True
    with pytest.raises(UserError, match="does not let me introduce myself"):
        await worker().logins.start(plugin, me)
