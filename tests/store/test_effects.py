"""The effect ledger under attempts that overlap, die or lose their connection."""

import asyncio
import uuid

import psycopg
import pytest

from clara.errors import Unavailable
from store import effects, turns
from store.database import Pool
from tests.clara.test_conversation import message


async def started_turn(pool: Pool) -> str:
    turn = await turns.begin(pool, message(uuid.uuid4().hex))
    return turn.id


async def test_second_attempt_is_sent_away_while_the_first_is_at_it(pool: Pool) -> None:
    turn_id = await started_turn(pool)
    key = f"{turn_id}/0/c1"
    async with effects.hold(pool, key, turn_id, "post") as ledger:
        await ledger.intend("hash")
        with pytest.raises(Unavailable, match="still running"):
            async with effects.hold(pool, key, turn_id, "post"):
                pytest.fail("two attempts at once")
    async with effects.hold(pool, key, turn_id, "post") as ledger:
        found = await ledger.find()
        assert found is not None
        assert found.state == "intended"


async def test_only_one_of_many_attempts_holds_an_effect(pool: Pool) -> None:
    turn_id = await started_turn(pool)
    key = f"{turn_id}/0/c1"
    inside = 0

    async def attempt() -> bool:
        nonlocal inside
        try:
            async with effects.hold(pool, key, turn_id, "post") as ledger:
                inside += 1
                assert inside == 1
                if await ledger.find() is None:
                    await ledger.intend("hash")
                await asyncio.sleep(0.05)
                inside -= 1
                return True
        except Unavailable:
            return False

    assert sum(await asyncio.gather(*(attempt() for _ in range(6)))) >= 1


async def test_lock_of_a_killed_process_is_free(pool: Pool, database_url: str) -> None:
    turn_id = await started_turn(pool)
    key = f"{turn_id}/0/c1"
    dying = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
    await dying.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (key,))
    with pytest.raises(Unavailable):
        async with effects.hold(pool, key, turn_id, "post"):
            pytest.fail("the lock was taken")
    dying.pgconn.finish()  # as the kernel does for a process that is killed
    for _ in range(50):
        try:
            async with effects.hold(pool, key, turn_id, "post"):
                return
        except Unavailable:
            await asyncio.sleep(0.1)
    pytest.fail("the lock outlived its session")


async def test_doubts_of_a_turn_are_intentions_without_an_end_and_ambiguous_effects(pool: Pool) -> None:
    turn_id = await started_turn(pool)
    for number, state in enumerate(("committed", "failed", "ambiguous", None)):
        async with effects.hold(pool, f"{turn_id}/0/c{number}", turn_id, f"tool{number}") as ledger:
            await ledger.intend("hash")
            if state:
                await ledger.settle(state, "")  # type: ignore[arg-type]
    assert [effect.tool for effect in await effects.unsettled(pool, turn_id)] == ["tool2", "tool3"]
