"""A login ends in the browser: asked about, once, told plainly, and with no secret left in a log."""

import html
import logging
import re
import secrets
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from temporalio.client import Client

from clara.messages import ConversationKey
from clara.plugins.logins import LoginRequest
from clara.plugins.plugin import Plugin
from store import logins, notices
from store.database import Pool
from temporal.starting import logins as asking
from tests.adapters.web.conftest import Site
from tests.loopback.plugins.hosted import answer_in, says_yes

PATIENCE = timedelta(seconds=30)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def me() -> str:
    return f"cli:{secrets.token_hex(6)}"


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form of a page."""
    return {html.unescape(n): html.unescape(v) for n, v in re.findall(r'name="([^"]*)" value="([^"]*)"', page)}


async def test_begun_in_a_chat_confirmed_in_the_browser_told_in_the_chat(
    site: Site, plugin: Plugin, me: str, pool: Pool, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = ConversationKey(platform="cli", channel=f"{me.partition(':')[2]}/plans")
    request = LoginRequest(plugin_id=plugin.id, user_id=me, conversation=conversation)
    begun = await asking.begin(client, request, PATIENCE)
    assert begun is not None
    assert begun.done, begun.text
    pending = await logins.pending(pool, begun.login_id)
    assert pending is not None
    back = await says_yes(pending.url, "alice")
    assert back.startswith(f"{site.settings.own_address}/oauth/callback?")

    page = await site.browser.get(back)
    assert page.status_code == 200
    assert plugin.name in page.text
    assert me in page.text
    assert not site.hosted.grants, "nothing is connected by being looked at"
    done = await site.browser.post("/oauth/callback", data={**fields(page.text), "decision": "yes"})
    assert done.status_code == 200
    assert f"The plugin {plugin.name} is connected." in done.text
    assert (await site.logins.status(plugin, me)).state == "connected"
    [told] = await notices.unshown(pool, conversation)
    assert told.notice.text == f"The plugin {plugin.name} is connected."

    again = await site.browser.post("/oauth/callback", data={**fields(page.text), "decision": "yes"})
    assert "used already" in again.text
    assert (await site.browser.get(back)).status_code == 400
    answer, grant = answer_in(back), site.hosted.grants[0]
    logged = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx2", "httpcore2")))
    for secret in (answer["code"], answer["state"], grant.access, grant.refresh):
        assert secret not in logged
    ended = await asking.end(client, LoginRequest(plugin_id=plugin.id, user_id=me), PATIENCE)
    assert ended is not None
    assert ended.done
    assert not site.hosted.grants
    await _no_secret_in_histories(client, begun.login_id, [*answer.values(), grant.access, grant.refresh])


async def _no_secret_in_histories(client: Client, login_id: str, secrets: list[str]) -> None:
    history = await client.get_workflow_handle(f"plugin-login/{login_id}").fetch_history()
    assert not [secret for secret in secrets if secret in history.to_json() and not secret.startswith("http")]


async def test_who_did_not_ask_says_so_and_nothing_is_connected(site: Site, plugin: Plugin, me: str) -> None:
    back = await says_yes(await site.logins.start(plugin, me), "victim")
    page = await site.browser.get(back)
    done = await site.browser.post("/oauth/callback", data={**fields(page.text), "decision": "no"})
    assert "You said no" in done.text
    assert not site.hosted.grants
    assert (await site.logins.status(plugin, me)).state == "none"


async def test_a_no_at_the_service_is_told(site: Site, plugin: Plugin, me: str) -> None:
    back = await says_yes(await site.logins.start(plugin, me), "no")
    assert "You said no" in (await site.browser.get(back)).text


async def test_what_is_no_answer_gets_a_page_and_changes_nothing(site: Site, plugin: Plugin, me: str) -> None:
    back = answer_in(await says_yes(await site.logins.start(plugin, me), "alice"))
    id, _, signature = back["state"].partition(".")
    wrong = [
        {},
        {"code": back["code"]},
        {**back, "state": "x"},
        {**back, "state": f"{'0' * 32}.{signature}"},
        {**back, "code": "a b"},
        {**back, "code": "x" * 5000},
    ]
    for query in wrong:
        page = await site.browser.get(f"/oauth/callback?{urlencode(query)}")
        assert (page.status_code, "Nothing to do here" in page.text) == (400, True), query
    twice = await site.browser.get(f"/oauth/callback?{urlencode(back)}&code=other")
    assert twice.status_code == 400
    form = {**back, "decision": "yes"}
    for headers, body in (
        ({**FORM, "sec-fetch-site": "cross-site"}, urlencode(form)),
        ({"content-type": "application/json"}, urlencode(form)),
        (FORM, urlencode({**form, "code": "x" * 20_000})),
        (FORM, "\xff\xfe"),
    ):
        answer = await site.browser.post("/oauth/callback", headers=headers, content=body.encode("latin-1"))
        assert answer.status_code == 400
    forged = {**form, "state": f"{id}.{'0' * 64}"}
    assert "Nothing was connected" in (await site.browser.post("/oauth/callback", data=forged)).text
    assert not site.hosted.grants


async def test_words_of_others_are_shown_as_text(site: Site, plugin: Plugin, me: str) -> None:
    back = answer_in(await says_yes(await site.logins.start(plugin, me), "alice"))
    evil = '"><script>alert(1)</script>'
    page = await site.browser.get(f"/oauth/callback?{urlencode({**back, 'iss': evil})}")
    assert "<script>" not in page.text
    assert fields(page.text)["iss"] == evil
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


async def test_the_log_has_the_path_and_no_query(
    site: Site, plugin: Plugin, me: str, caplog: pytest.LogCaptureFixture
) -> None:
    back = await says_yes(await site.logins.start(plugin, me), "alice")
    caplog.clear()
    await site.browser.get(back)
    lines = [r.getMessage() for r in caplog.records if r.name.startswith("adapters.web") and r.levelno == logging.INFO]
    assert any(re.fullmatch(r"GET /oauth/callback 200 \d+ ms", line) for line in lines), lines
