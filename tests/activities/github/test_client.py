"""Faults, deadlines, sizes and accounts, by the simplest tools."""

import asyncio
import traceback
from dataclasses import replace
from typing import Any

import pytest

from activities.github.asking import Asking
from activities.github.client import GitHub
from activities.github.toolset import toolset
from activities.tools.tool import Context
from clara.errors import ClaraError, ToolFailed, Unavailable
from tests.activities.github.conftest import TOKENS, Desk, hasty
from tests.activities.web.asking import SAID
from tests.loopback.github import Fault
from tests.loopback.github.wire import refusal
from tests.loopback.http import Respond, Server, answer, drip, drip_headers, endless, redirect, silence

ISSUE: dict[str, Any] = {"owner": "acme", "repo": "tides", "number": 1}

SSO = refusal(
    "403 Forbidden", "Resource protected by organization SAML enforcement.",
    x_github_sso="required; url=https://github.com/orgs/acme/sso?authorization_request=canary",
)  # fmt: skip
SCOPE = refusal("404 Not Found", "Not Found", x_oauth_scopes="gist", x_accepted_oauth_scopes="repo, public_repo")
INVALID = refusal("422 Unprocessable Entity", "Validation Failed", [{"field": "title", "code": "missing_field"}])


@pytest.mark.parametrize(
    ("respond", "words"),
    [
        (SSO, "single sign-on"),
        (SCOPE, "needs one of repo, public_repo"),
        (INVALID, "It says: Validation Failed; title missing_field."),
        (refusal("403 Forbidden", "Must have admin rights."), "may not do this on GitHub. It says: Must have admin"),
        (refusal("410 Gone", "Issues are disabled for this repo"), "Issues are disabled"),
        (redirect("http://localhost:9/elsewhere", "301 Moved Permanently"), "elsewhere, where it was not followed"),
        (answer(b"{}", content_length=str(10**9)), "sent more than 16.0 MiB"),
    ],
)
async def test_refusals_say_what_to_do(desk: Desk, respond: Respond, words: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(ToolFailed, match=words) as raised:
        await desk.run("get_issue", **ISSUE)
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (answer(b"oops", "500 Internal Server Error"), "server"),
        (answer(b"", "503 Service Unavailable"), "overloaded"),
        (answer(b"{not json", content_type="application/json"), "garbled"),
        (answer(b"{}", content_length="10", close=True), "connection"),
        (silence, "timeout"),
        (drip, "timeout"),
        (drip_headers, "timeout"),
    ],
)
async def test_what_passes_by_itself_is_unavailable_and_asked_once(desk: Desk, respond: Respond, kind: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(Unavailable) as raised:
        await hasty(desk).run("get_issue", **ISSUE)
    assert raised.value.kind == kind
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


async def test_answer_without_an_end_is_read_up_to_the_limit(desk: Desk) -> None:
    desk.opened.append(GitHub(total_s=5, trusted=[desk.server.url], size=2**20))
    small = replace(desk, github=desk.opened[-1])
    desk.server.faults = [Fault(endless)]
    with pytest.raises(ToolFailed, match=r"sent more than 1\.0 MiB, which is too much"):
        await small.run("get_issue", **ISSUE)
    desk.server.faults = [Fault(endless, after=True)]
    with pytest.raises(Unavailable):  # what was asked for was done, so this is no refusal
        await small.run("add_issue_comment", **ISSUE, body="Seen.")
    assert (await desk.verify("add_issue_comment", **ISSUE, body="Seen.")).state == "done"


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
@pytest.mark.parametrize(("tool", "more"), [("get_issue", {}), ("add_issue_comment", {"body": "Seen."})])
async def test_token_does_not_go_where_it_was_not_meant_to(
    desk: Desk, status: str, tool: str, more: dict[str, str]
) -> None:
    async with Server() as elsewhere:
        desk.opened.append(GitHub(total_s=5, trusted=[desk.server.url, elsewhere.url]))
        desk.server.faults = [Fault(redirect(f"{elsewhere.url}/repos/acme/tides", status))]
        with pytest.raises(ToolFailed, match="elsewhere, where it was not followed"):
            await replace(desk, github=desk.opened[-1]).run(tool, **ISSUE, **more)
        assert not elsewhere.asked
    assert not desk.accounts.lost


async def test_repository_that_was_renamed_is_found_by_its_old_name(desk: Desk) -> None:
    new = f"{desk.server.url}/repos/acme/tides/issues/1"
    desk.server.faults = [Fault(redirect(new, "301 Moved Permanently"))]
    assert "Wrong tide" in (await desk.run("get_issue", owner="acme", repo="waves", number=1)).text
    desk.server.faults = [Fault(redirect(f"{new}/comments", "307 Temporary Redirect"))]
    await desk.run("add_issue_comment", owner="acme", repo="waves", number=1, body="Seen.")
    assert desk.lines[-1] == "POST /repos/acme/tides/issues/1/comments"
    desk.server.faults = [Fault(redirect(f"{new}/comments", "301 Moved Permanently"))]
    with pytest.raises(ToolFailed, match="not followed"):  # it would be read, and nothing written
        await desk.run("add_issue_comment", owner="acme", repo="waves", number=1, body="Seen.")


async def test_login_of_the_installation_is_asked_for_once_and_when_it_is_needed(desk: Desk) -> None:
    desk.accounts.by_user["cli:ann"] = replace(
        desk.accounts.by_user["cli:ann"], login="the installation", of_installation=True
    )
    ask = Asking(desk.github, desk.accounts)
    assert await ask.login(desk.context("bob", "t/0/c1")) == "bob"
    assert not desk.lines
    assert [await ask.login(desk.context("ann", "t/0/c1")) for _ in range(2)] == ["ann", "ann"]
    assert desk.lines == ["GET /user"]


async def test_calls_of_many_do_not_wait_for_one_that_hangs(desk: Desk) -> None:
    desk.server.faults = [Fault(silence)]
    hangs = asyncio.create_task(desk.run("get_issue", **ISSUE))
    while not desk.server.asked:
        await asyncio.sleep(0.01)
    found = await asyncio.gather(*(desk.run("get_issue", who, **ISSUE) for who in ("ann", "bob") * 4))
    assert all("Wrong tide" in each.text for each in found)
    assert not hangs.done()
    hangs.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hangs


async def test_without_an_account_the_tools_are_missing_and_how_to_connect_is_told(desk: Desk) -> None:
    offered = await desk.tools()
    desk.accounts.by_user.clear()
    offering = await toolset(desk.github, desk.accounts).offer(SAID)
    assert not offering.tools
    assert set(offering.missing) == set(offered)
    assert all("/clara connect github" in words for words in offering.missing.values())


async def test_account_that_was_taken_away_in_the_turn_is_not_used(desk: Desk) -> None:
    tool = (await desk.tools())["github_get_issue"]
    desk.accounts.by_user.clear()
    with pytest.raises(ToolFailed, match="No account with GitHub"):
        await tool.run(tool.parse(ISSUE), Context(SAID, "t/0/c1", SAID.sent_at))
    assert not desk.server.asked


def _tells_nothing(error: ClaraError) -> None:
    """Neither the token nor the address, wherever the error is shown."""
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    shown = "".join(traceback.format_exception_only(error))
    assert not any(secret in shown for secret in (*TOKENS.values(), "canary", "/repos/"))
