"""What is made at Google is made once, whatever becomes of the answer: by the ledger and a real look."""

from datetime import timedelta
from typing import Any

import pytest

from activities.google.tools.drive import uploading
from activities.tools.writes import Write
from clara.errors import Unavailable
from store.database import Pool
from store.turns.effects import Ledger
from tests.activities.accounts.known import Attempt, prepared
from tests.activities.google import filed as files
from tests.activities.google.desk import Desk
from tests.activities.google.filed import Filed, written
from tests.activities.google.test_calendar import CALLS
from tests.loopback.google import Fault, refusal
from tests.loopback.http import answer, silence

CREATING = {
    "calendar_create_event": CALLS["calendar_create_event"],
    **{name: files.CALLS[name] for name in files.CREATING},
}


@pytest.fixture(autouse=True)
def there(filed: Filed) -> None:
    """What the calls are about."""


async def calling(pool: Pool, desk: Desk, name: str) -> tuple[Attempt, Write]:
    return await prepared(pool, (await desk.tools())[f"google_{name}"], CREATING[name], "cli:ann")


def at_fault(desk: Desk, respond: Any, after: bool = True) -> None:
    """What becomes of the next request that changes something."""
    desk.server.faults_of_writes = [Fault(respond, after)]


@pytest.mark.parametrize("name", CREATING)
@pytest.mark.parametrize("respond", [answer(b"{}", "502 Bad Gateway"), silence], ids=["502", "silence"])
async def test_lost_answer_is_looked_up_and_nothing_is_sent_again(
    pool: Pool, desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, respond: Any
) -> None:
    monkeypatch.setattr(uploading, "PART_S", 0.3)
    at_fault(desk, respond)
    attempt, _ = await calling(pool, desk.hasty(), name)
    outcome = await attempt()
    assert not outcome.is_error
    assert "https://" in outcome.output.text
    assert await attempt() == outcome
    assert len(written(desk)) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_killed_after_it_was_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(minutes=5), None) is not None
    await write.tool.run(write.arguments, write.context)
    outcome = await attempt()
    assert not outcome.is_error
    assert len(written(desk)) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_killed_before_it_was_sent_is_waited_for_and_then_sent(pool: Pool, desk: Desk, name: str) -> None:
    attempt, write = await calling(pool, desk, name)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(seconds=0.3), None) is not None
    with pytest.raises(Unavailable):
        await attempt()
    assert len(written(desk)) == 0
    while len(written(desk)) == 0:
        try:
            outcome = await attempt()
        except Unavailable:
            continue
    assert not outcome.is_error
    assert (await attempt()) == outcome
    assert len(written(desk)) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_refused_is_told_and_not_looked_up(pool: Pool, desk: Desk, name: str) -> None:
    at_fault(desk, refusal("400 Bad Request", "invalid", "Wrong."), after=False)
    attempt, _ = await calling(pool, desk, name)
    outcome = await attempt()
    assert outcome.is_error
    assert "It says: Wrong." in outcome.output.text
    assert desk.lines[-1:] == written(desk)  # and nothing was asked after it


async def test_event_that_an_attempt_before_has_made_is_found_where_its_id_is_taken(desk: Desk) -> None:
    first = await desk.run("calendar_create_event", **CALLS["calendar_create_event"])
    assert (await desk.run("calendar_create_event", **CALLS["calendar_create_event"])).text == first.text
    assert [line.partition(" ")[0] for line in desk.lines] == ["POST", "POST", "GET"]
