"""Faults, deadlines and accounts, by the simplest tool."""

import asyncio
import subprocess
import sys
import traceback

import pytest

from activities.google.asking import Asking
from activities.google.toolset import toolset
from clara import google
from clara.errors import ClaraError, ToolFailed, Unavailable
from tests.activities.google.desk import TOKENS, Desk, accounts_of
from tests.activities.web.asking import SAID
from tests.loopback.google import Fault, refusal
from tests.loopback.google.server import UNAUTHORIZED
from tests.loopback.http import Respond, answer, drip, endless, redirect, silence

FORBIDDEN, INVALID = "403 Forbidden", "400 Bad Request"


@pytest.mark.parametrize(
    ("respond", "words"),
    [
        (refusal(INVALID, "invalid", "Invalid value for: maxResults"), "It says: Invalid value for: maxResults."),
        (refusal(FORBIDDEN, "forbidden", "You need to have writer access."), "may not do this at Google. It says: You"),
        (refusal(FORBIDDEN, "accessNotConfigured", "Calendar API is off."), "has to enable it. It says: Calendar API"),
        (refusal(FORBIDDEN, "SERVICE_DISABLED"), "not switched on for Clara"),
        (refusal(FORBIDDEN, "insufficientPermissions"), "did not allow this when they connected"),
        (refusal(FORBIDDEN, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "/connect google again"),
        (refusal(FORBIDDEN, "appNotAuthorizedToFile"), "only files in Drive that she has made"),
        (refusal(FORBIDDEN, "dailyLimitExceeded"), "can be tried tomorrow"),
        (refusal("404 Not Found", "notFound"), "has no such thing, or the account may not see it"),
        (redirect("http://localhost:9/elsewhere", "301 Moved Permanently"), "sent the request elsewhere"),
        (endless, "which is too much"),
        (answer(b"{}", content_length=str(10**9)), "which is too much"),
    ],
)
async def test_refusals_say_what_to_do(desk: Desk, respond: Respond, words: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(ToolFailed, match=words) as raised:
        await desk.run("calendar_list_calendars")
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (answer(b"oops", "500 Internal Server Error"), "server"),
        (answer(b"", "503 Service Unavailable"), "overloaded"),
        (answer(b"<html>", content_type="text/html"), "garbled"),
        (answer(b"[]"), "garbled"),
        (answer(b"{}", content_length="10", close=True), "connection"),
        (silence, "timeout"),
        (drip, "timeout"),
    ],
)
async def test_what_passes_by_itself_is_unavailable_and_asked_once(desk: Desk, respond: Respond, kind: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(Unavailable) as raised:
        await desk.hasty().run("calendar_list_calendars")
    assert raised.value.kind == kind
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


async def test_token_that_was_refused_is_renewed_and_the_call_made_again(desk: Desk) -> None:
    desk.server.faults = [Fault(UNAUTHORIZED)]
    assert "ann@example.org" in (await desk.run("calendar_list_calendars")).text
    assert desk.accounts.lost == ["cli:ann"]
    desk.server.faults = [Fault(UNAUTHORIZED), Fault(UNAUTHORIZED)]
    with pytest.raises(ToolFailed, match="/connect google again"):
        await desk.run("calendar_list_calendars")
    assert len(desk.server.asked) == 4


async def test_what_the_person_has_unticked_is_told_without_asking_google(desk: Desk) -> None:
    desk.accounts = accounts_of([google.SHEETS, google.DRIVE_READ])
    with pytest.raises(ToolFailed, match='leave ticked: "see and change your calendars"'):
        await desk.run("calendar_list_calendars")
    assert not desk.server.asked


async def test_calls_of_many_do_not_wait_for_one_that_hangs_and_a_stop_ends_it(desk: Desk) -> None:
    desk.server.faults = [Fault(silence)]
    hangs = asyncio.create_task(desk.run("calendar_list_calendars"))
    while not desk.server.asked:
        await asyncio.sleep(0.01)
    found = await asyncio.gather(*(desk.run("calendar_list_calendars", who) for who in ("ann", "bob") * 4))
    assert all(f"{who}@example.org" in each.text for who, each in zip(("ann", "bob") * 4, found, strict=True))
    assert not hangs.done()
    hangs.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hangs


async def test_without_an_account_the_tools_are_missing_and_how_to_connect_is_told(desk: Desk) -> None:
    offered = await desk.tools()
    desk.accounts.by_user.clear()
    offering = await toolset(Asking(desk.google, desk.accounts), desk.accounts, desk.files).offer(SAID)
    assert not offering.tools
    assert set(offering.missing) == set(offered)
    assert all("/clara connect google" in words for words in offering.missing.values())


async def test_account_that_was_taken_away_in_the_turn_is_not_used(desk: Desk) -> None:
    tool = (await desk.tools())["google_calendar_list_calendars"]
    desk.accounts.by_user.clear()
    with pytest.raises(ToolFailed, match="No account with Google"):
        await tool.run(tool.parse({}), desk.context("ann", "t/0/c1"))
    assert not desk.server.asked


def test_nothing_heavy_is_loaded_before_the_first_call() -> None:
    code = (
        "import sys, activities.google.toolset; print([m for m in ('googleapiclient', 'httplib2') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def _tells_nothing(error: ClaraError) -> None:
    """Neither the token nor the address, wherever the error is shown."""
    shown = "".join(traceback.format_exception_only(error))
    assert error.__cause__ is None
    assert not any(secret in shown for secret in (*TOKENS.values(), "canary", "/calendar/", "127.0.0.1"))
