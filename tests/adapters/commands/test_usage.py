"""What a person is told of their budgets, and what they are not told of other people's use."""

from dataclasses import replace
from decimal import Decimal

from clara.attention import Asker
from clara.llm.models import Usage
from clara.memory.kinds import Owner
from clara.messages import TextPart
from clara.settings import load
from store import budgets
from store.database import Pool
from store.turns import steps
from store.turns.steps import Step
from tests.activities.memory.people import message, told
from tests.adapters.commands.test_commands import request, run


async def test_a_person_sees_their_budgets_and_what_is_left(pool: Pool, owner: Owner, stranger: Owner) -> None:
    for person, usd in ((owner, 0.25), (stranger, 3.0)):
        turn_id = await told(pool, message(person, "hello"))
        async with pool.connection() as connection:
            usage = Usage(input_tokens=1_000, cost_usd=usd)
            await steps.save(connection, Step(turn_id, 0, (TextPart(text="x"),), "p", "m", 0, usage))
    asked = request(pool, Asker(owner, private=True))
    assert "udget" not in (await run("usage", asked)).text
    limits = {
        "BUDGET_TURN_TOKENS": "50000",
        "BUDGET_PERSON_DAY_USD": "1",
        "BUDGET_DAY_USD": "2",
        "DEFAULT_TIMEZONE": "Europe/Berlin",
    }
    limited = replace(asked, settings=load(limits))
    assert (await run("usage", limited)).text.split("\n")[-3:] == [
        "Budget of one message: 50,000 tokens",
        "Your budget today: $0.75 of $1.00 left; it renews at 00:00 (Europe/Berlin)",
        "Budget that all share today: used up",
    ]
    try:
        await budgets.set_limit(pool, owner, "person-day-usd", Decimal(5))
        assert "Your budget today: $4.75 of $5.00 left" in (await run("usage", limited)).text
    finally:
        await budgets.drop_limit(pool, owner, "person-day-usd")
