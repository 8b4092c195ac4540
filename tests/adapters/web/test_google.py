"""An account with Google: asked for in a chat, confirmed in the browser, told in the chat, ended from there."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from temporalio.client import Client

from adapters.door import Door
from clara import google as allows
from clara.attention import Asker
from clara.errors import UserError
from clara.memory.kinds import Owner
from clara.messages import ConversationKey
from clara.settings import Settings
from store import accounts, notices
from store.database import Pool
from tests.adapters.commands.test_commands import request, run
from tests.adapters.web.conftest import Site
from tests.adapters.web.test_login import fields
from tests.loopback.google.oauth import CLIENT_SECRET, GoogleLogin
from tests.loopback.plugins.hosted import answer_in


class Chat:
    """Where a person types commands."""

    def __init__(self, client: Client, pool: Pool, settings: Settings, user_id: str) -> None:
        self.key = ConversationKey(platform="cli", channel=f"{user_id.partition(':')[2]}/plans")
        asked = request(pool, Asker(user_id))
        self.request = replace(asked, door=Door(client, pool), settings=settings, key=self.key)

    async def says(self, command: str, **arguments: str) -> str:
        result = await run(command, self.request, **arguments)
        return "\n".join([result.text, *(f"{name}: {value}" for name, value in result.table)])

    async def address(self) -> str:
        text = await self.says("connect", service="google")
        return next(line for line in text.splitlines() if line.startswith("http"))


@pytest.fixture
def chat(client: Client, pool: Pool, site: Site, owner: Owner) -> Chat:
    return Chat(client, pool, site.settings, owner)


async def test_connected_from_a_chat_told_there_and_disconnected(
    site: Site, google: GoogleLogin, chat: Chat, owner: Owner, pool: Pool, client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    url = await chat.address()
    back = google.says_yes(url, "ann", unticked=(allows.SHEETS,))
    assert back.startswith(f"{site.settings.own_address}/oauth/callback?")
    page = await site.browser.get(back)
    assert "Connect Google?" in page.text
    assert owner in page.text
    assert not google.grants, "nothing is connected by being looked at"
    done = await site.browser.post("/oauth/callback", data={**fields(page.text), "decision": "yes"})
    assert done.status_code == 200
    assert "Connected with Google as ann@example.org." in done.text
    assert "I may not see and change your spreadsheets" in done.text
    [told] = await notices.unshown(pool, chat.key)
    assert told.notice.text == "You are connected with Google."
    assert "Google: ann@example.org, may: see and change your calendars" in await chat.says("accounts")

    assert (await site.browser.get(back)).status_code == 400
    [grant] = google.grants
    secrets = [answer_in(back)["code"], answer_in(back)["state"], grant.refresh, *grant.access, CLIENT_SECRET]
    logged = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx2", "httpcore2")))
    assert not [secret for secret in secrets if secret in logged]
    assert "Google has ended what I could do there" in await chat.says("disconnect", service="google")
    assert not google.grants
    assert "no account" in await chat.says("accounts")
    async for each in client.list_workflows("WorkflowType = 'AccountSignIn'"):
        history = (await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()).to_json()
        assert not [secret for secret in secrets if secret in history]


async def test_who_did_not_ask_says_so_and_nothing_is_connected(site: Site, google: GoogleLogin, chat: Chat) -> None:
    page = await site.browser.get(google.says_yes(await chat.address(), "victim"))
    done = await site.browser.post("/oauth/callback", data={**fields(page.text), "decision": "no"})
    assert "You said no" in done.text
    assert not google.grants
    assert not google.asked


async def test_where_the_page_cannot_be_reached_its_address_is_brought_by_hand(
    site: Site, google: GoogleLogin, chat: Chat, stranger: Owner, client: Client, pool: Pool
) -> None:
    back = google.says_yes(await chat.address(), "ann")
    theirs = Chat(client, pool, site.settings, stranger)
    with pytest.raises(UserError, match="Nothing waits for that"):
        await theirs.says("connect", service="google", where=back)
    assert "Connected with Google as ann@example.org." in await chat.says("connect", service="google", where=back)
    with pytest.raises(UserError, match="Nothing waits for that"):
        await chat.says("connect", service="google", where=back)
    assert await accounts.of_person(pool, stranger) == []


async def test_forged_answer_connects_nothing(site: Site, google: GoogleLogin, chat: Chat) -> None:
    answer = answer_in(google.says_yes(await chat.address(), "ann"))
    id = answer["state"].partition(".")[0]
    forged = {"code": answer["code"], "state": f"{id}.{'0' * 64}", "decision": "yes"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    done = await site.browser.post("/oauth/callback", headers=headers, content=urlencode(forged))
    assert "Nothing was connected" in done.text
    assert not google.grants


async def test_without_an_account_there_is_nothing_to_disconnect(chat: Chat) -> None:
    with pytest.raises(UserError, match="You have connected no account with Google"):
        await chat.says("disconnect", service="google")
