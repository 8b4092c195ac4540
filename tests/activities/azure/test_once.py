"""What is made on Azure DevOps is made once, whatever becomes of the answer: by the ledger and a real look."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from activities.tools.writes import Write
from clara.errors import Unavailable
from store.database import Pool
from store.turns.effects import Ledger
from tests.activities.accounts.known import Attempt, prepared
from tests.activities.azure.calls import CALLS, WRITING
from tests.activities.azure.conftest import Desk, hasty
from tests.loopback.azure import Fault, problem
from tests.loopback.http import answer, silence

BAD_GATEWAY = answer(b"{}", "502 Bad Gateway")
LOOKS = ("wiql", "workitemsbatch", "pagesbatch", "searchresults")
"""What is posted and changes nothing."""


async def calling(pool: Pool, desk: Desk, name: str) -> tuple[Attempt, Write]:
    attempt, write = await prepared(pool, (await desk.tools())[f"ado_{name}"], CALLS[name])
    desk.world.now = write.context.now  # what is made from now on is newer than what is there
    return attempt, write


def changed(desk: Desk) -> int:
    """How many requests were to change something."""
    return sum(not line.startswith("GET") and not any(each in line for each in LOOKS) for line in desk.lines)


def lose(desk: Desk, name: str, respond: Any) -> None:
    """Let the answer to the change be lost, after it has had its effect."""
    looked_up = {"create_branch": 1, "add_work_item_comment": 1}.get(name, 0)
    desk.server.faults = [None] * looked_up + [Fault(respond, after=True)]


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize("respond", [BAD_GATEWAY, silence], ids=["502", "silence"])
async def test_lost_answer_is_looked_up_and_nothing_is_sent_again(
    pool: Pool, desk: Desk, name: str, respond: Any
) -> None:
    attempt, _ = await calling(pool, hasty(desk), name)
    lose(desk, name, respond)
    outcome = await attempt()
    assert not outcome.is_error, outcome
    assert desk.server.url in outcome.output.text
    assert await attempt() == outcome
    assert changed(desk) == 1


@pytest.mark.parametrize("name", WRITING)
async def test_killed_after_it_was_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(minutes=5), None) is not None
    await write.tool.run(write.arguments, write.context)
    outcome = await attempt()
    assert not outcome.is_error, outcome
    assert changed(desk) == 1


@pytest.mark.parametrize("name", WRITING)
async def test_killed_before_it_was_sent_is_waited_for_and_then_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(seconds=0.1), None) is not None
    with pytest.raises(Unavailable):
        await attempt()
    assert changed(desk) == 0
    while changed(desk) == 0:
        try:
            outcome = await attempt()
        except Unavailable:
            await asyncio.sleep(0.02)
    assert not outcome.is_error, outcome
    assert (await attempt()) == outcome
    assert changed(desk) == 1


@pytest.mark.parametrize("name", WRITING)
async def test_refused_is_told_and_not_looked_up(pool: Pool, desk: Desk, name: str) -> None:
    attempt, _ = await calling(pool, desk, name)
    desk.server.faults = [Fault(problem("400 Bad Request", "TF401320: Rule Error for field Title."))]
    outcome = await attempt()
    assert outcome.is_error
    assert "TF401320: Rule Error for field Title." in outcome.output.text
    assert len(desk.lines) == 1


@pytest.mark.parametrize("name", ["create_work_item", "add_work_item_comment"])
async def test_without_a_mark_it_is_known_by_who_made_it_when_and_what(pool: Pool, desk: Desk, name: str) -> None:
    desk.world.keeps_comments_in_html = False
    attempt, write = await calling(pool, desk, name)
    lose(desk, name, BAD_GATEWAY)
    assert not (await attempt()).is_error
    assert changed(desk) == 1
    # The same by somebody else is not it; twice by the same person is not to be told apart.
    verify = write.tool.verify
    assert verify is not None
    await desk.run(name, "bob", **CALLS[name])
    assert (await verify(write.arguments, write.context)).state == "done"
    await desk.run(name, "ann", key="t/0/c2", **CALLS[name])
    assert (await verify(write.arguments, write.context)).state == "unknown"


async def test_run_is_known_by_its_parameters(pool: Pool, desk: Desk) -> None:
    attempt, write = await calling(pool, desk, "run_pipeline")
    verify = write.tool.verify
    assert verify is not None
    desk.world.now -= timedelta(minutes=2)
    await desk.run("run_pipeline", **CALLS["run_pipeline"])  # before, as by an earlier call of the same turn
    desk.world.now = write.context.now
    await desk.run("run_pipeline", **CALLS["run_pipeline"] | {"parameters": {"deep": "no"}})
    await desk.run("run_pipeline", "bob", **CALLS["run_pipeline"])
    assert (await verify(write.arguments, write.context)).state == "not_done"
    await attempt()
    assert (await verify(write.arguments, write.context)).state == "done"
    await desk.run("run_pipeline", **CALLS["run_pipeline"])
    assert (await verify(write.arguments, write.context)).state == "unknown"


async def test_run_whose_parameters_cannot_be_compared_is_unknown(pool: Pool, desk: Desk) -> None:
    call = CALLS["run_pipeline"] | {"parameters": {"deep": "[1, 2]"}}
    desk.world.now = desk.context("ann", "t/0/c1").now
    await desk.run("run_pipeline", **call)
    assert (await desk.verify("run_pipeline", **call)).state == "done"
    desk.here.builds[0]["templateParameters"] = {"deep": [1, 2]}
    assert (await desk.verify("run_pipeline", **call)).state == "done"
    desk.here.builds[0]["templateParameters"] = {"deep": '["1","2"]'}
    assert (await desk.verify("run_pipeline", **call)).state == "unknown"
    del desk.here.builds[0]["templateParameters"]
    assert (await desk.verify("run_pipeline", **call)).state == "unknown"
