"""Reserving before a call and settling with its answer: never more than allowed, and nothing is held for ever."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from clara.budgets import Budget, BudgetName, Cost, day_of
from clara.llm.models import Usage
from clara.memory.kinds import Owner
from clara.messages import TextPart
from clara.settings import load
from store import budgets
from store.budgets import EVERYBODY, Terms, of_step
from store.database import Pool
from store.people import people
from store.turns import side_calls, steps, turns
from store.turns.steps import Step
from tests.patience import PATIENCE_S
from tests.store.people.filled import message

ATTEMPT = timedelta(minutes=15)
CALL = Cost(Decimal("0.10"), 100)


def terms(**limits: float) -> Terms:
    settings = load({f"BUDGET_{name.upper()}": str(limit) for name, limit in limits.items()})
    return Terms.of(settings.budgets, day_of(datetime.now(UTC), "UTC"))


@pytest.fixture
async def pool_without_limits(pool: Pool) -> AsyncIterator[Pool]:
    """The tests' database, in which nothing is left that would limit other tests."""
    yield pool
    async with pool.connection() as connection:
        await connection.execute("delete from budget_limits")
        await connection.execute("delete from budget_reservations")


async def begun(pool: Pool, owner: Owner, channel: str = "budgets") -> str:
    return (await turns.begin(pool, message(owner, channel, "hello"))).id


async def answered(pool: Pool, turn_id: str, step: int, usd: float | None = 0.10, tokens: int = 100) -> None:
    usage = Usage(input_tokens=tokens - 1, output_tokens=1, cost_usd=usd)
    async with pool.connection() as connection:
        await steps.save(connection, Step(turn_id, step, (TextPart(text="x"),), "p", "m", 0, usage))


async def reserve(pool: Pool, turn_id: str, step: int, of: Terms, cost: Cost = CALL) -> list[Budget]:
    return await budgets.reserve(pool, turn_id, of_step(step), step, cost, ATTEMPT, of)


async def standing(pool: Pool, owner: Owner, of: Terms) -> dict[str, tuple[float, float]]:
    return {b.name: (float(b.used), float(b.reserved)) for b in await budgets.standing(pool, owner, of)}


async def test_a_call_is_reserved_and_settled_by_what_it_cost(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=1, person_day_tokens=1000)
    turn_id = await begun(pool, owner)
    assert await reserve(pool, turn_id, 0, of) == []
    assert await standing(pool, owner, of) == {"person-day-usd": (0, 0.1), "person-day-tokens": (0, 100)}
    await answered(pool, turn_id, 0, usd=0.03, tokens=30)
    assert await standing(pool, owner, of) == {"person-day-usd": (0.03, 0), "person-day-tokens": (30, 0)}
    await reserve(pool, turn_id, 1, of)
    async with pool.connection() as connection:
        usage = Usage(input_tokens=1, cost_usd=0.01)
        last = Step(turn_id, 1, (TextPart(text="x"),), "p", "m", 0, usage)
        await steps.save_last(connection, last, "discord/budgets", "x")
    assert (await standing(pool, owner, of))["person-day-usd"] == (0.04, 0)


async def test_side_calls_are_reserved_settled_and_counted_too(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=1, turn_usd=1)
    turn_id = await begun(pool, owner)
    assert await budgets.reserve(pool, turn_id, "memory", None, CALL, ATTEMPT, of) == []
    assert (await standing(pool, owner, of))["person-day-usd"] == (0, 0.1)
    await side_calls.save(pool, turn_id, "memory", "p", "m", Usage(input_tokens=1, cost_usd=0.02))
    assert (await standing(pool, owner, of))["person-day-usd"] == (0.02, 0)
    assert await reserve(pool, turn_id, 0, terms(turn_usd=0.11)), "its turn's budget has its cost in it"


async def test_a_price_that_nobody_knows_counts_as_told(pool: Pool, owner: Owner) -> None:
    turn_id = await begun(pool, owner)
    await answered(pool, turn_id, 0, usd=None, tokens=1_000_001)
    assert (await standing(pool, owner, terms(person_day_usd=1)))["person-day-usd"][0] == pytest.approx(15.000075)
    of = Terms.of(
        load({"BUDGET_PERSON_DAY_USD": "1", "BUDGET_UNKNOWN_PRICE": "0/0"}).budgets, day_of(datetime.now(UTC), "UTC")
    )
    assert (await standing(pool, owner, of))["person-day-usd"] == (0, 0)


async def test_what_does_not_fit_is_refused_and_its_turn_waits(pool: Pool, owner: Owner) -> None:
    of = terms(turn_usd=0.15, person_day_tokens=10_000)
    turn_id = await begun(pool, owner)
    await reserve(pool, turn_id, 0, of)
    await answered(pool, turn_id, 0)
    refused = await reserve(pool, turn_id, 1, of)
    assert [(b.name, float(b.used), float(b.allowed), b.origin) for b in refused] == [
        ("turn-usd", 0.1, 0.15, "setting")
    ]
    assert await budgets.waiting(pool, owner) == [turn_id]
    assert await reserve(pool, turn_id, 1, terms(turn_usd=0.20)) == []
    assert await budgets.waiting(pool, owner) == []


async def test_a_side_call_that_does_not_fit_makes_nobody_wait(pool: Pool, owner: Owner) -> None:
    turn_id = await begun(pool, owner)
    assert await budgets.reserve(pool, turn_id, "tier", None, CALL, ATTEMPT, terms(turn_usd=0.05))
    assert await budgets.waiting(pool, owner) == []


async def test_what_is_under_way_leaves_no_room_and_makes_nobody_wait_for_long(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=0.15)
    first, second = await begun(pool, owner), await begun(pool, owner)
    assert await reserve(pool, first, 0, of) == []
    refused = await reserve(pool, second, 0, of)
    assert [(float(b.used), float(b.reserved)) for b in refused] == [(0, 0.1)]
    assert await budgets.waiting(pool, owner) == []
    await answered(pool, first, 0, usd=0.01)
    assert await reserve(pool, second, 0, of) == []


async def test_yesterday_does_not_count_but_for_the_turn(pool: Pool, owner: Owner) -> None:
    turn_id = await begun(pool, owner)
    await answered(pool, turn_id, 0)
    async with pool.connection() as connection:
        yesterday = "update calls_by_quarter set at = at - interval '25 hours' where user_id = %s"
        await connection.execute(yesterday, (owner,))
    assert (await standing(pool, owner, terms(person_day_usd=1)))["person-day-usd"] == (0, 0)
    assert await reserve(pool, turn_id, 1, terms(turn_usd=0.15))


async def test_a_limit_by_command_counts_before_the_setting_and_a_persons_before_everybodys(
    pool_without_limits: Pool, owner: Owner, stranger: Owner
) -> None:
    pool = pool_without_limits
    name: BudgetName = "person-day-usd"
    of = terms(person_day_usd=0.05)
    mine, theirs = await begun(pool, owner), await begun(pool, stranger)
    assert await reserve(pool, mine, 0, of)
    await budgets.set_limit(pool, EVERYBODY, name, Decimal("0.50"))
    assert await reserve(pool, mine, 0, of) == []
    await budgets.set_limit(pool, owner, name, Decimal("0.01"))
    assert [b.origin for b in await reserve(pool, mine, 0, of)] == ["person"]
    assert await reserve(pool, theirs, 0, of) == []
    await budgets.set_limit(pool, owner, name, None)
    assert await reserve(pool, mine, 0, of) == [], "no limit for them"
    assert [(each.user_id, each.amount) for each in await budgets.limits(pool)] == [
        ("", Decimal("0.50")),
        (owner, None),
    ]
    assert await budgets.drop_limit(pool, owner, name)
    assert await budgets.drop_limit(pool, EVERYBODY, name)
    assert not await budgets.drop_limit(pool, owner, name)
    assert await reserve(pool, mine, 0, of)


async def test_another_attempt_takes_the_place_of_the_one_before_it(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=0.15)
    turn_id = await begun(pool, owner)
    for _ in range(3):
        assert await reserve(pool, turn_id, 0, of) == []
    assert await standing(pool, owner, of) == {"person-day-usd": (0, 0.1)}


RESERVER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from clara.budgets import Cost
from store import budgets
from store.database import open_pool
from tests.store.test_budgets import terms

async def main(url, turn_id, seconds):
    pool = await open_pool(url, max_size=1)
    cost, lifetime = Cost(Decimal("0.10"), 100), timedelta(seconds=float(seconds))
    assert not await budgets.reserve(pool, turn_id, "step/0", 0, cost, lifetime, terms(person_day_usd=0.15))
    print("reserved", flush=True)
    await asyncio.sleep(600)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_a_killed_process_reserved_is_free_when_its_attempt_would_have_ended(
    pool: Pool, database_url: str, owner: Owner
) -> None:
    of = terms(person_day_usd=0.15)
    killed, other = await begun(pool, owner), await begun(pool, owner)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RESERVER, database_url, killed, "3", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), PATIENCE_S) == b"reserved\n"
    process.kill()
    await process.wait()
    if refused := await reserve(pool, other, 0, of):  # unless this machine took three seconds for it
        assert [float(b.reserved) for b in refused] == [0.1]
    assert await reserve(pool, killed, 0, of) == [], "another attempt at the same step need not wait"
    async with pool.connection() as connection:
        await budgets.release(connection, killed)
    assert await reserve(pool, other, 0, of) == []
    assert await standing(pool, owner, of) == {"person-day-usd": (0, 0.1)}


async def test_what_nobody_takes_over_is_free_by_itself(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=0.15)
    killed, other = await begun(pool, owner), await begun(pool, owner)
    lifetime = timedelta(milliseconds=50)
    assert await budgets.reserve(pool, killed, "step/0", 0, CALL, lifetime, of) == []
    async with asyncio.timeout(PATIENCE_S):
        while await reserve(pool, other, 0, of):
            await asyncio.sleep(0.02)
    assert await standing(pool, owner, of) == {"person-day-usd": (0, 0.1)}


async def test_twenty_conversations_that_hammer_one_budget_overspend_by_no_call(pool: Pool, owner: Owner) -> None:
    of = terms(person_day_usd=2.05)
    randomly = random.Random(7)

    async def converse(number: int) -> int:
        turn_id, step = await begun(pool, owner, f"hammer{number}"), 0
        while True:
            refused = await reserve(pool, turn_id, step, of)
            if any(b.used + CALL.usd > b.allowed for b in refused):
                return step
            if refused:
                await asyncio.sleep(0.01)
                continue
            await asyncio.sleep(randomly.uniform(0, 0.01))
            await answered(pool, turn_id, step, usd=0.10)
            step += 1

    made = await asyncio.gather(*(converse(number) for number in range(20)))
    assert await standing(pool, owner, of) == {"person-day-usd": (2.0, 0)}
    assert sum(made) == 20


async def test_who_is_forgotten_has_not_given_back_what_all_share(pool: Pool, owner: Owner) -> None:
    of = terms(day_usd=1_000_000, person_day_usd=1)
    before = (await standing(pool, owner, of))["day-usd"][0]
    turn_id = await begun(pool, owner)
    await answered(pool, turn_id, 0, usd=0.25)
    async with pool.connection() as connection, connection.transaction():
        await people.wipe(connection, owner, [turn_id])
    after = await standing(pool, owner, of)
    assert after["day-usd"][0] - before == pytest.approx(0.25)
    assert after["person-day-usd"] == (0, 0)
