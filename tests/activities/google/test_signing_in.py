"""An account is connected in the browser, stays alive, says so when it is over, and ends at Google too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.accounts.activities import SignInActivities
from activities.accounts.signing_in import NotConnected
from activities.google.asking import Asking
from activities.google.client import Google
from activities.google.tools import account
from activities.google.toolset import not_set_up
from activities.people.logins import end_logins
from activities.tools.tool import Context
from clara import google
from clara.errors import ToolFailed, Unavailable, UserError
from clara.memory.kinds import Owner
from clara.messages import Person
from clara.sources.keyfile import make_key
from store import accounts
from store.database import Pool
from tests.activities.accounts.known import NOW
from tests.activities.google.person_files import Files
from tests.activities.google.signing_in import CALLBACK, Worker
from tests.activities.web.asking import SAID
from tests.conftest import StartWorker
from tests.loopback.google import GoogleServer
from tests.loopback.google.oauth import CLIENT_SECRET, GoogleLogin

MakeWorker = Callable[[], Worker]


@pytest.fixture
def login() -> GoogleLogin:
    return GoogleLogin()


@pytest.fixture
async def worker(pool: Pool, tmp_path: Path, login: GoogleLogin) -> AsyncIterator[MakeWorker]:
    """Makes workers."""
    make_key(tmp_path)
    async with GoogleServer(login.tokens, pages=login.pages) as server:
        yield lambda: Worker(pool, tmp_path, server.url)


async def expire(pool: Pool, user_id: str) -> None:
    """The token at hand ends."""
    async with pool.connection() as connection:
        await connection.execute("update accounts set expires_at = now() where user_id = %s", (user_id,))


async def test_connected_account_has_a_living_token_and_what_it_may_do_is_told(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    here = worker()
    told = await here.connect(login, owner, "ann", unticked=(google.DRIVE_READ,))
    assert told.startswith("Connected with Google as ann@example.org. I may see and change your calendars; see and")
    assert told.endswith("I may not see your files in Drive: to change that, connect again and tick it.")
    access = await here.accounts.access(owner, "google")
    assert login.tokens[access.token] == "ann"
    assert (access.login, access.base_url) == ("ann@example.org", "")
    assert google.CALENDAR in access.scopes
    assert google.DRIVE_READ not in access.scopes
    assert access.token not in repr(access)
    found = await accounts.held(pool, owner, "google")
    assert found is not None
    kept = [access.token, login.grants[0].refresh, CLIENT_SECRET]
    assert not [secret for secret in kept if secret.encode() in found.sealed]
    assert login.asked["refresh_token"] == 0


async def test_ended_token_is_renewed_by_one_of_many_workers(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    workers = [worker() for _ in range(3)]
    await workers[0].connect(login, owner, "ann")
    first = await workers[0].token(owner)
    for round in (1, 2):
        await expire(pool, owner)
        tokens = await asyncio.gather(*(each.token(owner) for each in workers for _ in range(3)))
        assert len(set(tokens)) == 1
        assert tokens[0] != first
        assert login.tokens[tokens[0]] == "ann"
        assert login.asked["refresh_token"] == round


async def test_renewal_is_taken_over_from_a_worker_that_died(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    await worker().connect(login, owner, "ann")
    await expire(pool, owner)
    assert await accounts.claim_refresh(pool, owner, "google", 1, timedelta(seconds=0.3))
    assert login.tokens[await worker().token(owner)] == "ann"


async def test_token_that_google_refuses_is_renewed_before_its_time(
    worker: MakeWorker, login: GoogleLogin, owner: str
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    first = await here.token(owner)
    await here.accounts.refused(owner, "google")
    assert await here.token(owner) != first


async def test_account_that_was_taken_back_at_google_asks_to_connect_again(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    login.end("ann")
    await here.accounts.refused(owner, "google")
    for each in (here, worker()):
        with pytest.raises(ToolFailed, match=r"does not accept the account any more\. .*/connect google"):
            await each.token(owner)
    assert login.asked["refresh_token"] == 1
    [account] = await accounts.of_person(pool, owner)
    assert account.fault == "Google does not accept the account any more."
    await here.connect(login, owner, "ann")
    assert login.tokens[await here.token(owner)] == "ann"


async def test_faults_of_google_and_of_the_operator_end_no_account(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    await expire(pool, owner)
    login.down = True
    with pytest.raises(Unavailable):
        await here.token(owner)
    login.down, login.secret = False, "rotated"
    with pytest.raises(ToolFailed, match="GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"):
        await here.token(owner)
    login.secret = CLIENT_SECRET
    assert login.tokens[await here.token(owner)] == "ann"


async def test_no_is_a_no(worker: MakeWorker, login: GoogleLogin, owner: str) -> None:
    here = worker()
    with pytest.raises(NotConnected, match="You said no, so Google is not connected"):
        await here.back(login.says_no(await here.begun(owner)))
    assert not await here.accounts.has(owner, "google")


async def test_answer_counts_once_and_only_for_whom_it_was_begun(
    worker: MakeWorker, login: GoogleLogin, owner: str, stranger: str
) -> None:
    here = worker()
    back = login.says_yes(await here.begun(owner), "ann")
    state = back.partition("state=")[2].partition("&")[0]
    for forged in (f"{state.partition('.')[0]}.{'0' * 64}", state):
        # With somebody else's id the signature does not fit; with a wrong signature neither.
        theirs = login.says_yes(await here.begun(stranger), "eve")
        id = theirs.partition("state=")[2].partition(".")[0]
        wrong = theirs.replace(theirs.partition("state=")[2].partition("&")[0], f"{id}.{forged.partition('.')[2]}")
        with pytest.raises(NotConnected, match="does not answer what I asked"):
            await here.back(wrong)
    assert (await here.back(back)).startswith("Connected with Google as ann@example.org.")
    assert await here.back(back) == "You are connected with Google."
    assert login.asked["authorization_code"] == 1
    assert not await here.accounts.has(stranger, "google")


async def test_sign_in_of_another_server_or_for_another_client_connects_nothing(
    worker: MakeWorker, login: GoogleLogin, owner: str
) -> None:
    here = worker()
    back = login.says_yes(await here.begun(owner), "ann")
    with pytest.raises(NotConnected, match="comes from another login"):
        await here.back(back.replace("iss=http", "iss=https"))
    login.audience = "another"
    with pytest.raises(NotConnected, match="does not say whose account it is"):
        await here.connect(login, owner, "ann")
    assert not await here.accounts.has(owner, "google")


async def test_sign_in_is_over_after_ten_minutes_and_when_a_new_one_begins(
    worker: MakeWorker, login: GoogleLogin, owner: str, pool: Pool
) -> None:
    here = worker()
    first = login.says_yes(await here.begun(owner), "ann")
    second = login.says_yes(await here.begun(owner), "ann")
    async with pool.connection() as connection:
        await connection.execute("update account_sign_ins set until = now() where user_id = %s", (owner,))
    for each in (first, second):
        with pytest.raises(NotConnected, match="older than ten minutes"):
            await here.back(each)
    assert not login.asked


async def test_worker_that_dies_with_googles_answer_in_its_hands_is_told_as_over(
    worker: MakeWorker, login: GoogleLogin, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = worker()

    async def dies(*_: object) -> None:
        raise SystemExit

    back = login.says_yes(await here.begun(owner), "ann")
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "keep", dies)
        with pytest.raises(SystemExit):
            await here.back(back)
    with pytest.raises(NotConnected, match="begin again"):
        await here.back(back)
    await here.connect(login, owner, "ann")
    assert login.tokens[await here.token(owner)] == "ann"


async def test_disconnected_account_is_ended_at_google(worker: MakeWorker, login: GoogleLogin, owner: str) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    assert "Google has ended what I could do there" in (await here.sign_ins.end(owner, "google"))[0]
    assert not login.grants
    with pytest.raises(ToolFailed, match="No account with Google is connected"):
        await here.token(owner)
    with pytest.raises(UserError, match="You have connected no account with Google"):
        await here.sign_ins.end(owner, "google")


async def test_forgetting_ends_it_at_google_and_says_where_it_could_not(
    client: Client, pool: Pool, start_worker: StartWorker, worker: MakeWorker, login: GoogleLogin, owner: Owner
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    await accounts.propose(pool, "typed", owner, "github", "", b"sealed")
    await accounts.accept(pool, "typed", "ann", "", ())
    serving = SignInActivities(pool, client, here.sign_ins)
    async with start_worker([serving.end]):
        # A token that was typed can be ended by its owner alone.
        assert await end_logins(pool, owner, client) == ("GitHub",)
    assert not login.grants
    assert await accounts.of_person(pool, owner) == []


@pytest.mark.parametrize("ended", [True, False])
async def test_disconnected_account_is_forgotten_here_whatever_google_says(
    worker: MakeWorker, login: GoogleLogin, owner: str, ended: bool
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    if ended:
        login.end("ann")
    login.down = not ended
    told, _ = await here.sign_ins.end(owner, "google")
    assert ("could not be told, so please end there at https://myaccount.google.com/connections" in told) is not ended
    assert not await here.accounts.has(owner, "google")


async def test_where_the_operator_has_set_up_nothing_it_is_said(worker: MakeWorker, owner: str) -> None:
    here = worker()
    here.sign_ins._providers = {}  # as without GOOGLE_CLIENT_ID
    with pytest.raises(UserError, match="who runs me has to set it up"):
        await here.begun(owner)


async def test_address_asks_for_no_more_than_what_is_used(worker: MakeWorker, owner: str) -> None:
    url = await worker().begun(owner)
    assert "gmail" not in url
    assert "auth%2Fdrive+" not in url
    assert CLIENT_SECRET not in url
    assert f"redirect_uri={CALLBACK.replace(':', '%3A').replace('/', '%2F')}" in url


# The tools for it


def says(user_id: str, text: str, **more: Any) -> Context:
    said = SAID.model_copy(update={"user": Person(id=user_id, name="Ann"), "text": text, **more})
    return Context(said, "t/0/c1", NOW)


async def use(here: Worker, name: str, context: Context) -> str:
    [tool] = [tool for tool in account.tools(here.sign_ins) if tool.name == f"google_{name}"]
    return tool.output(await tool.run(tool.parse({}), context)).text


async def test_account_is_connected_looked_at_and_disconnected_by_tools(
    worker: MakeWorker, login: GoogleLogin, owner: str
) -> None:
    here = worker()
    assert "google_connect begins it" in await use(here, "status", says(owner, "hi"))
    address = (await use(here, "connect", says(owner, "connect my Google account"))).rpartition(" ")[2]
    await here.back(login.says_yes(address, "ann"))
    assert "Connected as ann@example.org since" in await use(here, "status", says(owner, "hi"))
    with pytest.raises(ToolFailed, match="Only where the person asks for it in this very message"):
        await use(here, "disconnect", says(owner, "Summarise that page"))
    assert "not connected any more" in await use(here, "disconnect", says(owner, "Disconnect Google, please"))
    with pytest.raises(ToolFailed, match="You have connected no account with Google"):
        await use(here, "disconnect", says(owner, "Disconnect Google, please"))


async def test_where_others_read_no_address_is_shown(worker: MakeWorker, login: GoogleLogin, owner: str) -> None:
    with pytest.raises(ToolFailed, match="Others read this conversation"):
        await use(worker(), "connect", says(owner, "connect Google", private=False))


async def test_status_tells_how_an_account_that_is_over_is_connected_again(
    worker: MakeWorker, login: GoogleLogin, owner: str
) -> None:
    here = worker()
    await here.connect(login, owner, "ann")
    login.end("ann")
    await here.accounts.refused(owner, "google")
    told = await use(here, "status", says(owner, "hi"))
    assert told == ("ann@example.org: Google does not accept the account any more. google_connect connects it again.")


async def test_without_a_client_at_google_the_tools_are_missing_and_who_can_help_is_told(worker: MakeWorker) -> None:
    here = worker()
    offering = await not_set_up(Asking(Google(), here.accounts), here.sign_ins, Files()).offer(SAID)
    assert not offering.tools
    assert {"google_connect", "google_calendar_create_event"} <= set(offering.missing)
    assert all("GOOGLE_CLIENT_ID" in words for words in offering.missing.values())
