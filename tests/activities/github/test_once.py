"""What is created on GitHub is created once, whatever becomes of the answer: by the ledger and a real look."""

import json
from datetime import timedelta
from typing import Any

import pytest

from activities.tools.writes import Write
from clara.errors import Unavailable
from store.database import Pool
from store.turns.effects import Ledger
from tests.activities.accounts.known import Attempt, prepared
from tests.activities.github.conftest import Desk, hasty
from tests.activities.github.test_issues import CALLS, CREATING
from tests.loopback.github import Fault
from tests.loopback.http import answer, silence


async def calling(pool: Pool, desk: Desk, name: str) -> tuple[Attempt, Write]:
    return await prepared(pool, (await desk.tools())[f"github_{name}"], CALLS[name])


def posted(desk: Desk) -> int:
    return sum(line.startswith("POST") for line in desk.lines)


@pytest.mark.parametrize("name", CREATING)
@pytest.mark.parametrize("respond", [answer(b"{}", "502 Bad Gateway"), silence], ids=["502", "silence"])
async def test_lost_answer_is_looked_up_and_nothing_is_sent_again(
    pool: Pool, desk: Desk, name: str, respond: Any
) -> None:
    desk.server.faults = [Fault(respond, after=True)]
    attempt, _ = await calling(pool, hasty(desk), name)
    outcome = await attempt()
    assert not outcome.is_error
    assert "https://github.com/acme/tides/issues/" in outcome.output.text
    assert await attempt() == outcome
    assert posted(desk) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_killed_after_it_was_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(minutes=5), None) is not None
    await write.tool.run(write.arguments, write.context)
    outcome = await attempt()
    assert not outcome.is_error
    assert posted(desk) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_killed_before_it_was_sent_is_waited_for_and_then_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(seconds=0.3), None) is not None
    with pytest.raises(Unavailable):
        await attempt()
    assert posted(desk) == 0
    while posted(desk) == 0:
        try:
            outcome = await attempt()
        except Unavailable:
            continue
    assert not outcome.is_error
    assert (await attempt()) == outcome
    assert posted(desk) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_refused_is_told_and_not_looked_up(pool: Pool, desk: Desk, name: str) -> None:
    problem = json.dumps({"message": "Validation Failed"}).encode()
    desk.server.faults = [Fault(answer(problem, "422 Unprocessable Entity", content_type="application/json"))]
    attempt, _ = await calling(pool, desk, name)
    outcome = await attempt()
    assert outcome.is_error
    assert "Validation Failed" in outcome.output.text
    assert len(desk.lines) == 1
