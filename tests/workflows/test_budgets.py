"""Turns that wait for a budget: others pass, a raise or a new day lets them go on, three days of silence end them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import Client

from activities.budgets import reserving
from activities.budgets.waking import wake
from clara.budgets import Day
from clara.conversation import Stop
from clara.llm.models import Prompt
from clara.settings import Settings, load
from store import budgets
from store.database import Pool
from store.turns import waits
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, call, conversation, last_text, results
from workflows.turns import budgets as waiting

PERSON = "cli:budgeted"


@pytest.fixture
async def unlimited(pool: Pool) -> AsyncIterator[None]:
    yield
    async with pool.connection() as connection:
        await connection.execute("delete from budget_limits")


def limited(**limits: str) -> Settings:
    return load({"ANTHROPIC_API_KEY": "k", "LLM_MAX_TOKENS": "100", **limits})


def answer(prompt: Prompt) -> Any:
    if last_text(prompt) == "look" and not results(prompt):
        return call("current_time")
    return "seen" if results(prompt) else f"re {last_text(prompt)}"


async def parked(talk: Conversation, count: int) -> list[str]:
    async with asyncio.timeout(PATIENCE_S):
        while len(found := (await talk.door.status(talk.key)).parked) != count:
            await asyncio.sleep(0.05)
    return list(found)


async def raise_(pool: Pool, client: Client, name: Any, amount: int | None) -> int:
    """As ``clara budget set`` does."""
    await budgets.set_limit(pool, PERSON, name, None if amount is None else Decimal(amount))
    return await wake(client, await budgets.waiting(pool, PERSON))


def talk_of(client: Client, pool: Pool, start_worker: StartWorker, settings: Settings) -> Any:
    return conversation(client, pool, start_worker, answer, settings=settings)


@pytest.mark.usefixtures("unlimited")
async def test_a_turn_without_budget_waits_is_told_and_goes_on_when_it_is_raised(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with talk_of(client, pool, start_worker, limited(BUDGET_TURN_TOKENS="100")) as talk:
        talk.user = talk.user.model_copy(update={"id": PERSON})
        first, second = await talk.say("one"), await talk.say("two")
        assert await parked(talk, 2) == [first, second], "the second one came through, and waits too"
        told = [wait.about for wait in await waits.of_conversation(pool, talk.key)]
        assert all("100 tokens are all there is. Whoever runs me can raise it" in about for about in told)
        assert talk.model.prompts == []
        assert await raise_(pool, client, "turn-tokens", 200) == 2, "told, but it is not enough"
        assert await raise_(pool, client, "turn-tokens", None) == 2
        assert [(await talk.ended(each)).reply for each in (first, second)] == ["re one", "re two"]
        assert await waits.of_conversation(pool, talk.key) == []
        assert (await talk.ask("three")).reply == "re three"


@pytest.mark.usefixtures("unlimited")
async def test_a_turn_may_run_out_of_budget_between_its_steps(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def lowering(prompt: Prompt) -> Any:
        if not results(prompt):
            await budgets.set_limit(pool, PERSON, "turn-tokens", Decimal(20))
        return answer(prompt)

    async with conversation(client, pool, start_worker, lowering, settings=limited()) as talk:
        talk.user = talk.user.model_copy(update={"id": PERSON})
        turn_id = await talk.say("look")
        await parked(talk, 1)
        assert len(talk.model.prompts) == 1
        [wait] = await waits.of_conversation(pool, talk.key)
        assert (wait.step, wait.about[:32]) == (1, "a higher budget for this message")
        await raise_(pool, client, "turn-tokens", 10_000)
        assert (await talk.ended(turn_id)).reply == "seen"


async def test_a_new_day_lets_it_go_on(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of this test ends two seconds after the turn has asked."""
    began: list[datetime] = []

    def day_of(now: datetime, zone: str) -> Day:
        began.append(now)
        start, end = began[0] - timedelta(minutes=30), began[0] + timedelta(seconds=2)
        return Day(start, end, zone) if now < end else Day(end, end + timedelta(days=1), zone)

    async with talk_of(client, pool, start_worker, limited(BUDGET_PERSON_DAY_TOKENS="2000")) as talk:
        talk.user = talk.user.model_copy(update={"id": "cli:tomorrow"})
        await talk.ask("today")
        async with pool.connection() as connection:
            much = "update calls_by_quarter set input_tokens = 1999 where user_id = %s"
            await connection.execute(much, ("cli:tomorrow",))
        monkeypatch.setattr(reserving, "day_of", day_of)
        turn_id = await talk.say("tomorrow")
        await parked(talk, 1)
        assert (await talk.ended(turn_id)).reply == "re tomorrow"


async def test_after_three_days_it_ends_with_a_plain_sentence(
    client: Client, pool: Pool, start_unwatched: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_LIMIT", timedelta(seconds=1))
    async with talk_of(client, pool, start_unwatched, limited(BUDGET_TURN_TOKENS="100")) as talk:
        turn = await talk.ask("hello")
        assert turn.status == "failed"
        assert turn.reply is not None
        assert turn.reply.startswith("Sorry, I could not answer this. No budget had room for this within")
        assert "100 tokens are all there is" in turn.reply
        assert talk.model.prompts == []


async def test_it_can_be_stopped_while_it_waits(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with talk_of(client, pool, start_worker, limited(BUDGET_TURN_TOKENS="100")) as talk:
        turn_id = await talk.say("hello")
        await parked(talk, 1)
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(turn_id)).status == "stopped"
        await parked(talk, 0)
        assert turn_id not in await budgets.waiting(pool)


@pytest.mark.usefixtures("unlimited")
async def test_a_raise_reaches_it_while_no_worker_runs(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with talk_of(client, pool, start_worker, limited(BUDGET_TURN_TOKENS="100")) as talk:
        talk.user = talk.user.model_copy(update={"id": PERSON})
        turn_id = await talk.say("hello")
        await parked(talk, 1)
    assert await raise_(pool, client, "turn-tokens", None) == 1
    async with talk_of(client, pool, start_worker, limited(BUDGET_TURN_TOKENS="100")) as again:
        assert (await again.ended(turn_id)).reply == "re hello"
