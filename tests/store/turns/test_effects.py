"""The effect ledger under attempts that overlap, come too late or die."""

import asyncio
import uuid
from datetime import timedelta

import pytest

from clara.tools.effects import State
from store.database import Pool
from store.turns import effects, turns
from store.turns.effects import Ledger
from tests.clara.test_conversation import message

LONG, SHORT = timedelta(minutes=5), timedelta(seconds=0.2)


async def started_turn(pool: Pool) -> str:
    turn = await turns.begin(pool, message(uuid.uuid4().hex))
    return turn.id


@pytest.fixture
async def turn_id(pool: Pool) -> str:
    return await started_turn(pool)


def ledger(pool: Pool, turn_id: str, call: str = "c1", tool: str = "post") -> Ledger:
    return Ledger(pool, f"{turn_id}/0/{call}", turn_id, tool)


async def begun(pool: Pool, turn_id: str, lasts: timedelta = LONG) -> Ledger:
    attempt = ledger(pool, turn_id)
    assert await attempt.begin("hash", lasts) is not None
    return attempt


async def test_only_one_of_many_attempts_begins_an_effect(pool: Pool, turn_id: str) -> None:
    began = await asyncio.gather(*(ledger(pool, turn_id).begin("hash", LONG) for _ in range(8)))
    assert sum(each is not None for each in began) == 1


async def test_effect_is_not_begun_again_before_its_request_can_no_longer_arrive(pool: Pool, turn_id: str) -> None:
    first = await begun(pool, turn_id)
    assert await ledger(pool, turn_id).begin("hash", LONG, after=first.attempt) is None
    entry = await first.find()
    assert entry is not None
    assert entry.attempt == first.attempt
    assert timedelta(minutes=4) < entry.remaining <= LONG


async def test_only_one_of_many_attempts_begins_it_again_after_that(pool: Pool, turn_id: str) -> None:
    first = await begun(pool, turn_id, SHORT)
    await asyncio.sleep(0.3)
    began = await asyncio.gather(*(ledger(pool, turn_id).begin("hash", LONG, first.attempt) for _ in range(8)))
    assert sum(each is not None for each in began) == 1
    entry = await first.find()
    assert entry is not None
    assert (entry.state, entry.runs) == ("intended", 2)


async def test_an_attempt_that_has_ended_gives_its_service_time_from_then_on(pool: Pool, turn_id: str) -> None:
    first = await begun(pool, turn_id, SHORT)
    await asyncio.sleep(0.3)
    entry = await first.ended("failed (Gone)", timedelta(minutes=1))
    assert entry.fault == "failed (Gone)"
    assert entry.remaining > timedelta(seconds=50)


async def test_a_late_attempt_does_not_overwrite_what_a_later_one_settled(pool: Pool, turn_id: str) -> None:
    first = await begun(pool, turn_id, SHORT)
    await asyncio.sleep(0.3)
    second = ledger(pool, turn_id)
    assert await second.begin("hash", LONG, first.attempt) is not None
    assert (await first.settle("failed", "from the first")).state == "intended"
    assert (await first.ended("late", LONG)).fault is None
    assert (await second.settle("committed", "from the second")).state == "committed"
    entry = await first.settle("failed", "from the first")
    assert (entry.state, entry.result) == ("committed", "from the second")


@pytest.mark.parametrize("recorded", ["ambiguous", "failed"])
async def test_what_was_done_was_done_whatever_has_been_recorded_since(
    pool: Pool, turn_id: str, recorded: State
) -> None:
    first = await begun(pool, turn_id)
    entry = await ledger(pool, turn_id).settle(recorded, "", first.attempt)
    assert entry.state == recorded
    entry = await first.settle("committed", "number 17")
    assert (entry.state, entry.result) == ("committed", "number 17")


async def test_a_running_write_holds_no_connection(pool: Pool, turn_id: str) -> None:
    for number in range(pool.max_size + 2):
        assert await ledger(pool, turn_id, f"c{number}").begin("hash", LONG) is not None
    assert pool.get_stats().get("requests_waiting", 0) == 0


async def test_a_result_that_postgres_cannot_store_is_recorded_all_the_same(pool: Pool, turn_id: str) -> None:
    first = await begun(pool, turn_id)
    entry = await first.settle("committed", "nul \0 and half \ud83d")
    assert entry.state == "committed"


async def test_doubts_of_a_turn_are_intentions_without_an_end_and_ambiguous_effects(pool: Pool, turn_id: str) -> None:
    states: tuple[State | None, ...] = ("committed", "failed", "ambiguous", None)
    for number, state in enumerate(states):
        attempt = ledger(pool, turn_id, f"c{number}", f"tool{number}")
        await attempt.begin("hash", LONG)
        if state:
            await attempt.settle(state, "")
    assert [effect.tool for effect in await effects.unsettled(pool, turn_id)] == ["tool2", "tool3"]
    async with pool.connection() as connection:
        await effects.doubt(connection, turn_id)
    assert [effect.tool for effect in await effects.doubted(pool, turn_id)] == ["tool3"]
    await attempt.settle("committed", "late")
    assert [effect.state for effect in await effects.doubted(pool, turn_id)] == ["committed"]


async def test_a_reply_is_amended_once(pool: Pool, turn_id: str) -> None:
    asked = await turns.get(pool, turn_id)
    assert asked is not None
    await turns.amend(pool, turn_id, "too early")
    async with pool.connection() as connection, connection.transaction():
        await turns.close(connection, asked.message, "stopped", "Stopped.")
    await turns.mark_shown(pool, turn_id)
    for sentence in ("It was done.", "It was done.", "Again."):
        await turns.amend(pool, turn_id, sentence)
    turn = await turns.get(pool, turn_id)
    assert turn is not None
    assert (turn.reply, turn.shown_at) == ("Stopped.\n\nIt was done.", None)
    assert await turns.correction(pool, turn_id) == "It was done."
