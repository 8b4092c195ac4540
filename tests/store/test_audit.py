"""The audit: each call of a tool is in it with its result, and nothing changes it afterwards."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from clara.llm.models import Usage
from clara.memory.kinds import Owner
from clara.messages import TextPart, ToolCallPart
from clara.tools.offer import OfferedTool
from clara.tools.tool import Effect, Risk
from store import approvals, audit
from store.approvals import Approval
from store.audit import Entry
from store.database import Pool
from store.files import blobs
from store.people import people
from store.turns import offers, steps, turns
from store.turns.effects import Ledger
from store.turns.steps import Step, ToolResult
from tests.store.people.filled import message

ARGUMENTS = {"to": "bob", "text": "hello"}


async def called(pool: Pool, owner: Owner, channel: str = "audit") -> str:
    """A turn whose model has called ``send``, which was offered to it."""
    turn = await turns.begin(pool, message(owner, channel, "hello"))
    tool = OfferedTool(name="send", hash="h", effect=Effect.WRITE, risk=Risk.OUTWARD, timeout_s=1, queue="clara")
    await offers.pin(pool, turn.id, (tool,))
    parts = (TextPart(text="x"), ToolCallPart(id="c1", name="send", arguments=ARGUMENTS))
    async with pool.connection() as connection:
        await steps.save(connection, Step(turn.id, 0, parts, "p", "m", 0, Usage()))
    return turn.id


async def brought(pool: Pool, turn_id: str, text: str = "sent", **more: Any) -> None:
    values = {"is_error": False, "ambiguous": False, "size": len(text), "blob_id": None, **more}
    async with pool.connection() as connection, connection.transaction():
        await steps.save_result(connection, ToolResult(turn_id, 0, "c1", "send", text, **values))


async def entry(pool: Pool, turn_id: str) -> Entry:
    [found] = await audit.entries(pool, 10, turn_id=turn_id)
    return found


async def ask(pool: Pool, turn_id: str, owner: Owner) -> str:
    until = datetime.now(UTC) + timedelta(days=1)
    question = Approval(f"q-{owner}", turn_id, 0, "c1", "card", owner, "send", "h", "b", "v", "w", True, until)
    await approvals.ask(pool, [question])
    return question.id


async def test_a_call_is_recorded_with_who_what_and_what_came_of_it(pool: Pool, owner: Owner) -> None:
    turn_id = await called(pool, owner)
    await brought(pool, turn_id)
    await brought(pool, turn_id, "again", is_error=True)  # the first one stays
    found = await entry(pool, turn_id)
    assert (found.event, found.user_id, found.step, found.call_id) == ("tool", owner, 0, "c1")
    assert (found.tool, found.risk, found.outcome, found.approver, found.result_size) == (
        "send",
        "outward",
        "ok",
        "",
        4,
    )
    assert found.result_sha256 == hashlib.sha256(b"sent").hexdigest()
    written = json.dumps(ARGUMENTS)  # as jsonb does: shorter names first, then by their letters
    assert found.arguments_sha256 == hashlib.sha256(written.encode()).hexdigest()


async def test_the_hash_of_a_long_result_is_that_of_the_whole(pool: Pool, owner: Owner) -> None:
    turn_id = await called(pool, owner)
    whole = "very long " * 10
    async with pool.connection() as connection:
        blob = await blobs.put(connection, owner, "send.txt", "text/plain", whole.encode())
    await brought(pool, turn_id, "very …", blob_id=blob, size=len(whole))
    found = await entry(pool, turn_id)
    assert (found.result_sha256, found.result_size) == (hashlib.sha256(whole.encode()).hexdigest(), 100)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"is_error": True}, "error"),
        ({"is_error": True, "ambiguous": True}, "unknown"),
        ({"is_error": True, "refused": True}, "refused"),
    ],
)
async def test_what_did_not_go_well_is_told_apart(
    pool: Pool, owner: Owner, values: dict[str, bool], outcome: str
) -> None:
    turn_id = await called(pool, owner)
    await brought(pool, turn_id, **values)
    assert (await entry(pool, turn_id)).outcome == outcome


@pytest.mark.parametrize(("by", "approver"), [("", "person"), ("operator", "operator"), ("discord:9", "administrator")])
async def test_whose_yes_it_was_is_recorded_without_their_id(pool: Pool, owner: Owner, by: str, approver: str) -> None:
    turn_id = await called(pool, owner)
    question = await ask(pool, turn_id, owner)
    await approvals.answer(pool, [question], True, "once", by or owner)
    await brought(pool, turn_id)
    found = await entry(pool, turn_id)
    assert (found.approver, found.approval, found.outcome) == (approver, question, "ok")


async def test_a_no_is_recorded_as_one(pool: Pool, owner: Owner) -> None:
    turn_id = await called(pool, owner)
    await approvals.answer(pool, [await ask(pool, turn_id, owner)], False, "once", owner)
    await brought(pool, turn_id, is_error=True, refused=True)
    found = await entry(pool, turn_id)
    assert (found.outcome, found.approver) == ("denied", "")


async def test_nothing_changes_it(pool: Pool, owner: Owner, stranger: Owner) -> None:
    turn_id = await called(pool, owner)
    await brought(pool, turn_id)
    async with pool.connection() as connection:
        for statement in (
            "update audit set outcome = 'refused'",
            "delete from audit",
            "truncate audit",
            "truncate audit cascade",
            "insert into audit (id, event, user_id, outcome) overriding system value"
            " select id, 'x', 'x', 'ok' from audit on conflict (id) do update set event = 'x'",
        ):
            with pytest.raises(psycopg.Error):
                await connection.execute(statement.encode())
        async with connection.transaction(force_rollback=True):
            await connection.execute(audit.FORGETTING, (stranger,))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute("delete from audit where user_id = %s", (owner,))
    assert (await entry(pool, turn_id)).outcome == "ok"


async def test_it_outlives_its_turn_and_goes_with_its_person_alone(pool: Pool, owner: Owner, stranger: Owner) -> None:
    mine, theirs = await called(pool, owner), await called(pool, stranger)
    await brought(pool, mine)
    await brought(pool, theirs)
    async with pool.connection() as connection:
        await connection.execute("delete from turns where id = %s", (mine,))
    assert (await entry(pool, mine)).user_id == owner
    async with pool.connection() as connection, connection.transaction():
        counted = await people.wipe(connection, owner)
    assert counted["audit"] == 1
    assert await audit.entries(pool, 10, user_id=owner) == []
    assert (await entry(pool, theirs)).user_id == stranger
    async with pool.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("delete from audit where user_id = %s", (stranger,))


async def test_a_result_that_is_not_kept_is_not_recorded_either(pool: Pool, owner: Owner) -> None:
    turn_id = await called(pool, owner)
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        await steps.save_result(connection, ToolResult(turn_id, 0, "c1", "send", "x", False, False, 1, None))
    assert await audit.entries(pool, 10, turn_id=turn_id) == []


async def test_other_events_are_written_by_one_function(pool: Pool, owner: Owner) -> None:
    async with pool.connection() as connection:
        await audit.write(connection, "foreign_answer", owner, "refused", "question q-1", tool="send")
    [found] = await audit.entries(pool, 10, user_id=owner)
    assert (found.event, found.outcome, found.detail, found.tool) == (
        "foreign_answer",
        "refused",
        "question q-1",
        "send",
    )
    assert await audit.entries(pool, 10, user_id=owner, since=datetime.now(UTC) + timedelta(hours=1)) == []


async def test_a_write_that_was_cut_is_recorded_with_the_end_of_its_turn_and_once_more_when_it_is_known(
    pool: Pool, owner: Owner
) -> None:
    turn_id = await called(pool, owner)
    ledger = Ledger(pool, f"{turn_id}/0/c1", turn_id, "send")
    await ledger.begin("hash", timedelta(seconds=1))
    for _ in range(2):
        async with pool.connection() as connection:
            await audit.cut_writes(connection, turn_id)
    found = await entry(pool, turn_id)
    assert (found.outcome, found.risk, found.step, found.call_id) == ("unknown", "outward", 0, "c1")
    assert found.arguments_sha256
    await ledger.settle("committed", "sent")
    async with pool.connection() as connection:
        await connection.execute("update turns set status = 'stopped' where id = %s", (turn_id,))
    await turns.amend(pool, turn_id, "It was sent.")
    await turns.amend(pool, turn_id, "It was sent.")
    assert [each.outcome for each in await audit.entries(pool, 10, turn_id=turn_id)] == ["unknown", "ok"]
