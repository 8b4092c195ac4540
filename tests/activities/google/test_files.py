"""Every tool that works with files: what it sends, its faults, whose it is, and that what it makes is made once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from activities.tools.writes import Write
from clara import google
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store.database import Pool
from store.turns.effects import Ledger
from tests.activities.accounts.known import Attempt, prepared
from tests.activities.google.desk import TOKENS, Desk, accounts_of
from tests.activities.google.filed import CALLS, CREATING, LOOKS_FIRST, fill, written
from tests.loopback.google import Fault, refusal
from tests.loopback.google.docs import Docs
from tests.loopback.google.drive import Drive
from tests.loopback.google.sheets import Sheets
from tests.loopback.http import answer, silence

PAGE = answer(b"<html>Server Error", "502 Bad Gateway", content_type="text/html")
LIMIT = refusal("403 Forbidden", "userRateLimitExceeded", "User Rate Limit Exceeded.")


@pytest.fixture(autouse=True)
def filled(drive: Drive, sheets: Sheets, docs: Docs) -> None:
    fill(drive, sheets, docs)


def before_write(name: str) -> list[Fault | None]:
    return [None] if name in LOOKS_FIRST else []


async def test_the_table_of_calls_is_complete(desk: Desk) -> None:
    tools = await desk.tools()
    ours = {name.removeprefix("google_") for name in tools if not name.startswith("google_calendar")}
    assert set(CALLS) == ours
    assert set(CREATING) == {name for name in ours if tools[f"google_{name}"].effect is Effect.WRITE}
    assert all(tools[f"google_{name}"].verify for name in CREATING)


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_carries_the_token_of_its_person_alone(desk: Desk, name: str) -> None:
    for who in ("ann", "bob"):
        before = len(desk.server.asked)
        arguments = CALLS[name]
        if who == "bob" and name == "drive_rename":
            arguments = {**arguments, "current_name": "Old report.txt", "name": "Report.txt"}
        output = await desk.run(name, who, key=f"t/0/{who}", **arguments)
        assert output.text
        for asked in desk.server.asked[before:]:
            assert asked.headers["authorization"] == f"Bearer {TOKENS[who]}"
            rest = asked.line + str(asked.body) + str({k: v for k, v in asked.headers.items() if k != "authorization"})
            assert not any(token in rest for token in TOKENS.values())


@pytest.mark.parametrize("name", CALLS)
async def test_what_is_not_there_is_told(desk: Desk, drive: Drive, name: str) -> None:
    if not CALLS[name].keys() & {"file", "document", "spreadsheet"}:
        pytest.skip("it names nothing that could be missing")
    drive.people["report"].pop("p-bob")
    for id in ("sheet1", "doc1"):
        drive.people[id].pop("p-bob")
    with pytest.raises(ToolFailed, match="no such thing, or the account may not see it"):
        await desk.run(name, "bob", **CALLS[name])


@pytest.mark.parametrize("name", CALLS)
async def test_rate_limit_is_waited_for_by_reads_and_told_by_writes(desk: Desk, name: str) -> None:
    desk.server.faults = [*before_write(name), Fault(LIMIT)]
    changes = bool(before_write(name)) or name in CREATING
    with pytest.raises(ToolFailed if changes else Unavailable, match="rate limit"):
        await desk.run(name, **CALLS[name])


@pytest.mark.parametrize("name", CALLS)
async def test_page_of_an_error_is_unavailable(desk: Desk, name: str) -> None:
    desk.server.faults = [*before_write(name), Fault(PAGE)]
    with pytest.raises(Unavailable):
        await desk.run(name, **CALLS[name])


@pytest.mark.parametrize("name", CREATING)
async def test_what_may_only_be_read_is_not_tried(desk: Desk, name: str) -> None:
    desk.accounts = accounts_of([google.DRIVE_READ])
    with pytest.raises(ToolFailed, match="did not allow Clara to"):
        await desk.run(name, **CALLS[name])
    assert not written(desk)


@pytest.mark.parametrize("name", CALLS)
async def test_what_others_wrote_is_marked_and_stays_private(desk: Desk, name: str) -> None:
    output = await desk.run(name, **CALLS[name])
    if name in CREATING or name in LOOKS_FIRST:
        assert output.provenance is Provenance.CLARA
        assert "https://" in output.text
        return
    assert output.provenance is Provenance.OTHERS
    assert output.private
    assert output.text.count("</google>") == 1


@pytest.mark.parametrize("name", CREATING)
async def test_what_never_arrived_is_not_found(desk: Desk, name: str) -> None:
    desk.server.faults = [*before_write(name), Fault(PAGE)]
    with pytest.raises(Unavailable):
        await desk.run(name, **CALLS[name])
    assert (await desk.verify(name, **CALLS[name])).state == "not_done"


# Through the ledger, as a turn runs them.


async def calling(pool: Pool, desk: Desk, name: str) -> tuple[Attempt, Write]:
    return await prepared(pool, (await desk.tools())[f"google_{name}"], CALLS[name], "cli:ann")


@pytest.mark.parametrize("name", CREATING)
@pytest.mark.parametrize("respond", [PAGE, silence], ids=["502", "silence"])
async def test_lost_answer_is_looked_up_and_nothing_is_sent_again(
    pool: Pool, desk: Desk, name: str, respond: Any
) -> None:
    if respond is silence:
        if name in ("drive_upload", "docs_create"):
            pytest.skip("an upload has a minute, longer than a test waits")
        desk = desk.hasty()
    desk.server.faults = [*before_write(name), Fault(respond, after=True)]
    attempt, _ = await calling(pool, desk, name)
    outcome = await attempt()
    assert not outcome.is_error, outcome.output.text
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
    assert not written(desk)
    while not written(desk):
        try:
            outcome = await attempt()
        except Unavailable:
            continue
    assert not outcome.is_error
    assert (await attempt()) == outcome
    assert len(written(desk)) == 1


@pytest.mark.parametrize("name", CREATING)
async def test_refused_is_told_and_not_looked_up(pool: Pool, desk: Desk, name: str) -> None:
    desk.server.faults = [*before_write(name), Fault(refusal("400 Bad Request", "invalid", "Bad value."))]
    attempt, _ = await calling(pool, desk, name)
    outcome = await attempt()
    assert outcome.is_error
    assert "It says: Bad value." in outcome.output.text
    assert len(desk.lines) == 1 + len(before_write(name))


def sent(desk: Desk, at: int = -1) -> Any:
    return json.loads(desk.server.asked[at].body)
