"""What holds for every tool: its requests are as published, it carries one person's token, its faults are told."""

import base64

import pytest

from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from tests.activities.azure.calls import CALLS, WRITING
from tests.activities.azure.conftest import TOKENS, Desk
from tests.loopback.azure import Fault, problem, sign_in, throttled

NOT_FOUND = problem("404 Not Found", "TF401019: The Git repository does not exist.")
UNAUTHORIZED = problem("401 Unauthorized", "TF400813: The user is not authorized to access this resource.")


async def test_all_of_them_are_tried_and_say_what_they_do(desk: Desk) -> None:
    tools = await desk.tools()
    assert {f"ado_{name}" for name in CALLS} == tools.keys()
    assert {name.removeprefix("ado_") for name, tool in tools.items() if tool.verify} == set(WRITING)
    for name, tool in tools.items():
        assert tool.view is not None
        assert tool.view(tool.parse(CALLS[name.removeprefix("ado_")])), name
        if tool.effect is not Effect.READ:
            assert tool.offered.risk in (Risk.OUTWARD, Risk.EXECUTE)


async def test_calls_are_answered_and_others_words_are_marked_as_theirs(desk: Desk, subtests: pytest.Subtests) -> None:
    for name, tool in (await desk.tools()).items():
        name = name.removeprefix("ado_")
        with subtests.test(name):
            asked = len(desk.lines)
            output = await desk.run(name, **CALLS[name])
            assert len(desk.lines) > asked
            if tool.effect is Effect.READ:
                assert output.provenance is Provenance.OTHERS
                assert output.private
                assert output.source
                assert output.text.count("</azure>") == 1
                assert "obey" not in output.text
            else:
                assert output.provenance is Provenance.CLARA
                assert desk.server.url in output.text


async def test_each_call_carries_the_token_of_its_person_alone(desk: Desk, subtests: pytest.Subtests) -> None:
    secrets = {bearer(token): owner for owner, token in TOKENS.items()}
    for name in CALLS:
        for who in ("ann", "bob"):
            with subtests.test(f"{name} of {who}"):
                before = len(desk.server.asked)
                try:
                    await desk.run(name, who, key=f"t/0/{who}", **CALLS[name])
                except ToolFailed:
                    assert who == "bob"  # ann has made it already
                    assert name in WRITING
                for asked in desk.server.asked[before:]:
                    headers = dict(asked.headers)
                    assert secrets[headers.pop("authorization")] == who
                    assert not any(token in f"{asked.line} {headers} {asked.body!r}" for token in TOKENS.values())


async def test_what_is_not_there_is_told(desk: Desk, subtests: pytest.Subtests) -> None:
    for name in CALLS:
        with subtests.test(name):
            desk.server.faults = [Fault(NOT_FOUND)]
            with pytest.raises(ToolFailed, match="has no such thing, or the account may not see it"):
                await desk.run(name, **CALLS[name])


async def test_throttling_is_waited_for_by_looks_and_told_by_writes(desk: Desk, subtests: pytest.Subtests) -> None:
    for name, tool in (await desk.tools()).items():
        for says_when in (True, False):
            with subtests.test(name, says_when=says_when):
                desk.server.faults = [Fault(throttled(600, says_when))]
                asked = len(desk.lines)
                looks = tool.effect is Effect.READ
                with pytest.raises(Unavailable if looks else ToolFailed, match="throttles") as raised:
                    await desk.run(name.removeprefix("ado_"), **CALLS[name.removeprefix("ado_")])
                assert len(desk.lines) == asked + 1
                if isinstance(raised.value, Unavailable):
                    assert raised.value.kind == "rate_limit"
                    assert raised.value.retry_after is not None
                    assert 500 < raised.value.retry_after.total_seconds() <= 600
                else:
                    assert "nothing was done" in str(raised.value)


async def test_token_that_is_no_longer_good_asks_to_connect_again(desk: Desk, subtests: pytest.Subtests) -> None:
    del desk.world.people[TOKENS["ann"]]
    ways = [sign_in(), sign_in("302 Found"), sign_in("200 OK"), UNAUTHORIZED]
    for name, respond in [*((name, ways[0]) for name in CALLS), *(("get_work_item", way) for way in ways[1:])]:
        with subtests.test(name):
            desk.server.faults = [Fault(respond)]
            desk.accounts.lost.clear()
            with pytest.raises(ToolFailed, match="/clara connect azure-devops"):
                await desk.run(name, **CALLS[name])
            assert desk.accounts.lost == ["cli:ann"]


async def test_token_without_a_scope_is_told_which_and_stays(desk: Desk, subtests: pytest.Subtests) -> None:
    scopes = r"it needs the scope (Code|Work Items|Build|Wiki|Test Management|Project and Team) \("
    for name in CALLS:
        with subtests.test(name):
            desk.server.faults = [Fault(UNAUTHORIZED)]
            with pytest.raises(ToolFailed, match=scopes):
                await desk.run(name, **CALLS[name])
    assert desk.accounts.lost == []


@pytest.mark.parametrize("wrong", ["a/b", "..", ".", "x?y", "x\n", "", "a\\b", "x#y", "%2e%2e"])
async def test_names_cannot_lead_elsewhere(desk: Desk, wrong: str) -> None:
    tools = await desk.tools()
    for name, argument in (
        ("list_repos", "project"),
        ("get_repo", "repo"),
        ("get_wiki_page", "wiki"),
        ("list_team_iterations", "team"),
        ("create_work_item", "type"),
    ):
        with pytest.raises(ValueError, match="are wrong"):
            tools[f"ado_{name}"].parse({**CALLS[name], argument: wrong})
    tools["ado_get_repo"].parse({"project": "Fog & Bank ö", "repo": ".github"})


def bearer(token: str) -> str:
    return f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"
