"""Faults, deadlines and accounts, by the simplest tool."""

import subprocess
import sys
import traceback
from dataclasses import replace

import pytest

from activities.azure.toolset import toolset
from clara.errors import ClaraError, ToolFailed, Unavailable
from tests.activities.azure.calls import CALLS
from tests.activities.azure.conftest import TOKENS, Desk, hasty
from tests.activities.web.asking import SAID
from tests.loopback.azure import Fault, problem
from tests.loopback.http import Respond, answer, drip, endless, silence


@pytest.mark.parametrize(
    ("respond", "words"),
    [
        (problem("403 Forbidden", "TF401027: You need the Git 'PullRequestContribute' permission."), "may not do this"),
        (
            problem("400 Bad Request", "VS402337: The number of work items\nexceeds the limit."),
            "items exceeds the limit.",
        ),
        (
            problem("409 Conflict", "TF401179: There is one."),
            "conflicts with what is there. It says: TF401179: There is",
        ),
        (answer(b"<html>", "404 Not Found", content_type="text/html"), "has no such thing"),
        (endless, "too much"),
    ],
)
async def test_refusals_say_what_to_do(desk: Desk, respond: Respond, words: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(ToolFailed, match=words) as raised:
        await desk.run("list_projects")
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (answer(b"oops", "500 Internal Server Error"), "server"),
        (answer(b"", "503 Service Unavailable"), "overloaded"),
        (answer(b"", "503 Service Unavailable", retry_after="30"), "rate_limit"),
        (answer(b"{not json", content_type="application/json"), "garbled"),
        (answer(b"{}", content_length="10", close=True), "connection"),
        (silence, "timeout"),
        (drip, "timeout"),
    ],
)
async def test_what_passes_by_itself_is_unavailable_and_asked_once(desk: Desk, respond: Respond, kind: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(Unavailable) as raised:
        await hasty(desk).run("list_projects")
    assert raised.value.kind == kind
    assert len(desk.server.asked) == 1
    _tells_nothing(raised.value)


async def test_token_goes_nowhere_but_to_the_address_of_the_account(desk: Desk) -> None:
    desk.azure.operators = ""  # what is inside is for the operator alone, who has been heard already
    inside = replace(desk.accounts.by_user["cli:ann"], base_url=desk.server.url.replace("127.0.0.1", "localhost"))
    desk.accounts.by_user["cli:ann"] = inside
    with pytest.raises(ToolFailed, match="private network"):
        await desk.run("list_projects")
    assert not desk.server.asked


async def test_installations_account_is_not_put_aside_for_one_person(desk: Desk) -> None:
    shared = replace(desk.accounts.by_user["cli:ann"], token="bad", of_installation=True)
    desk.accounts.by_user["cli:ann"] = shared
    with pytest.raises(ToolFailed, match="does not accept the token"):
        await desk.run("list_projects")
    assert desk.accounts.lost == []


async def test_without_an_account_the_tools_are_missing_and_how_to_connect_is_told(desk: Desk) -> None:
    offered = await desk.tools()
    tool = offered["ado_list_projects"]
    desk.accounts.by_user.clear()
    offering = await toolset(desk.azure, desk.accounts).offer(SAID)
    assert not offering.tools
    assert set(offering.missing) == set(offered)
    assert all("/clara connect azure-devops" in words for words in offering.missing.values())
    with pytest.raises(ToolFailed, match="No account with Azure DevOps"):
        await tool.run(tool.parse(CALLS["list_projects"]), desk.context("ann", "t/0/c1"))
    assert not desk.server.asked


def test_nothing_heavy_is_loaded_before_the_first_call() -> None:
    code = (
        "import sys, activities.azure.toolset; "
        "print([name for name in ('azure', 'msrest', 'lxml', 'markdown_it', 'trafilatura') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def _tells_nothing(error: ClaraError) -> None:
    """Neither the token nor the address, wherever the error is shown."""
    assert error.__cause__ is None
    shown = "".join(traceback.format_exception_only(error))
    assert not any(secret in shown for secret in (*TOKENS.values(), "canary", "/acme/", "127.0.0.1"))
