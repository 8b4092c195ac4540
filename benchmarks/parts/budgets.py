"""What budgets cost where all are set: reserving before each model call. Settling is part of storing its answer."""

import time
import uuid
from datetime import UTC, datetime

from activities.budgets.reserving import Budgets
from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.listening import PLATFORM
from benchmarks.rig.stack import Stack
from clara.llm.models import Prompt, Route, Usage
from clara.messages import ConversationKey, Incoming, Person, TextPart
from clara.settings import load
from store.budgets import of_step
from store.database import Pool, open_pool
from store.turns import steps, turns
from store.turns.steps import Step

CALLS = 2
"""Of one turn, with a tool between them."""

QUARTERS, PEOPLE = 40, 20
"""Of an hour, in which so many people have used models on the same day: what there is to add up."""

LIMITS = {f"BUDGET_{name}_{unit}": "1000000000" for name in ("TURN", "PERSON_DAY", "DAY") for unit in ("USD", "TOKENS")}

BUDGET_AIM = Aim(5)


def _message() -> Incoming:
    return Incoming(
        id="m1",
        conversation=ConversationKey(platform=PLATFORM, channel=f"bench/{uuid.uuid4().hex[:8]}"),
        user=Person(id=f"{PLATFORM}:bench", name="Bench"),
        text="hello",
        sent_at=datetime.now(UTC),
    )


async def _fill(pool: Pool) -> None:
    """A day on which many people have said much already."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into calls_by_quarter select now() - n * interval '1 second', 'bench:' || p, 1000, 100, 0.01, 0, 0"
            " from generate_series(1, %s) n, generate_series(1, %s) p",
            (QUARTERS, PEOPLE),
        )
        await connection.execute("analyze calls_by_quarter")


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Each turn is a new one, in a conversation of its own; in this process, with Clara's database."""
    pool = await open_pool(stack.database_url)
    settings = load(LIMITS)
    budgets = Budgets(pool, settings.budgets, "UTC")
    route = Route(provider="anthropic", model="claude-sonnet-5-5")
    prompt = Prompt(system="Be kind.", messages=())
    took = []
    try:
        await _fill(pool)
        for _ in range(rounds):
            turn = await turns.begin(pool, _message())
            spent = 0.0
            for number in range(CALLS):
                began = time.perf_counter()
                await budgets.reserve(turn.id, of_step(number), route, prompt, 2_000, number)
                spent += time.perf_counter() - began
                step = Step(turn.id, number, (TextPart(text="x"),), "p", "m", 0, Usage(input_tokens=2_000))
                async with pool.connection() as connection:
                    await steps.save(connection, step)
            took.append(spent * 1e3)
    finally:
        await pool.close()
    name = f"Budgets: reserving for the {CALLS} model calls of a turn, {PEOPLE} people using models all day"
    return [Figure(name, Spread.of(took), "ms", aim=BUDGET_AIM)]
