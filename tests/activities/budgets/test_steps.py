"""Model calls and budgets: what does not fit is not asked, and is told instead."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.budgets import reserving
from activities.turns.step import StepActivities
from clara.budgets import day_of
from clara.errors import ModelRefused, Unavailable
from clara.llm import history
from clara.llm.models import Completion, Prompt, Usage
from clara.settings import load
from clara.turn import StepOutcome
from store import budgets
from store.budgets import Terms
from store.database import Pool
from store.turns import waits
from temporal.failures import BUSY
from tests.activities.turns.spoken import Spoken
from tests.workflows.conversations import Models, ScriptedModel, call, offers_of, results

KEYS = {"ANTHROPIC_API_KEY": "k", "LLM_MAX_TOKENS": "100", "ANTHROPIC_MODEL": "claude-sonnet-5-5"}


class Costly(ScriptedModel):
    """A model that uses as many tokens as it says."""

    def __init__(self, answer: Any, usage: Usage) -> None:
        super().__init__(answer)
        self._usage = usage

    async def complete(self, *arguments: Any) -> Completion:
        completion = await super().complete(*arguments)
        return completion.model_copy(update={"usage": self._usage})


def speaker(pool: Pool, model: ScriptedModel, **settings: str) -> Spoken:
    talk = Spoken(pool, model.answer)
    talk.steps = StepActivities(pool, load({**KEYS, **settings}), Models(model), offers_of(pool))  # type: ignore[arg-type]
    return talk


def look(prompt: Prompt) -> Any:
    return "seen" if results(prompt) else call("current_time")


async def test_a_call_that_does_not_fit_is_not_made_and_the_turn_waits(pool: Pool) -> None:
    model = Costly(look, Usage(input_tokens=20, output_tokens=5, cost_usd=0.01))
    talk = speaker(pool, model, BUDGET_TURN_USD="0.012")
    message = talk.message("look")
    assert (await talk.step(message, 0)).calls
    outcome: StepOutcome = await talk.step(message, 1)
    assert outcome.waits is not None
    assert outcome.waits.renews_in is None, "a turn's budget renews at no time"
    assert outcome.waits.about.startswith("a higher budget for this message: $0.01 of $0.0120 are used, and the next")
    assert len(model.prompts) == 1
    waiting = await waits.of_conversation(pool, talk.key)
    assert [(wait.about, wait.tool) for wait in waiting] == [(outcome.waits.about, "budget")]


async def test_a_day_is_waited_for_until_it_ends(pool: Pool) -> None:
    talk = speaker(pool, ScriptedModel(lambda _: "hi"), BUDGET_PERSON_DAY_TOKENS="100000")
    message = talk.message("hello")
    await talk.step(message, 0)
    async with pool.connection() as connection:
        much = "update calls_by_quarter set input_tokens = 99999 where user_id = %s"
        await connection.execute(much, (talk.user.id,))
    outcome = await talk.step(talk.message("and now?"), 0)
    assert outcome.waits is not None
    assert outcome.waits.renews_in is not None
    assert timedelta() < outcome.waits.renews_in <= timedelta(hours=24, seconds=1)
    assert "It renews at 00:00 (UTC)" in outcome.waits.about


async def test_what_another_call_has_reserved_is_waited_for_a_moment(pool: Pool) -> None:
    talk = speaker(pool, ScriptedModel(lambda _: "hi"), BUDGET_PERSON_DAY_TOKENS="100000")
    message = talk.message("hello")
    await talk.step(message, 0)
    async with pool.connection() as connection:
        await connection.execute(
            "insert into budget_reservations values (%s, 'step/9', 1, 99000, now() + interval '1 minute')",
            (message.turn_id,),
        )
    with pytest.raises(Unavailable, match="Other answers are being made") as caught:
        await talk.step(talk.message("and now?"), 0)
    assert caught.value.kind == BUSY
    async with pool.connection() as connection:
        await budgets.release(connection, message.turn_id)
    assert (await talk.step(talk.message("and now?"), 0)).waits is None


@pytest.mark.parametrize("error", [Unavailable("down", "server"), ModelRefused("no", "bad_request")])
async def test_a_call_that_failed_holds_nothing(pool: Pool, error: Exception) -> None:
    talk = speaker(pool, ScriptedModel(lambda _: error), BUDGET_PERSON_DAY_USD="1")
    with pytest.raises(Exception, match=r"down|no"):
        await talk.step(talk.message("hello"), 0)
    terms = Terms.of(load({"BUDGET_PERSON_DAY_USD": "1"}).budgets, day_of(talk.message("").sent_at, "UTC"))
    assert [float(b.reserved) for b in await budgets.standing(pool, talk.user.id, terms)] == [0]


async def test_a_limit_by_command_counts_at_once_without_any_setting(pool: Pool) -> None:
    talk = speaker(pool, ScriptedModel(lambda _: "hi"))
    assert (await talk.ask("hello")).reply == "hi"
    try:
        await budgets.set_limit(pool, talk.user.id, "turn-tokens", Decimal(10))
        outcome = await talk.step(talk.message("hello"), 0)
        assert outcome.waits is not None
        assert "10 tokens are all there is" in outcome.waits.about
    finally:
        await budgets.drop_limit(pool, talk.user.id, "turn-tokens")


async def test_the_tier_is_not_guessed_where_nothing_is_left_for_it(pool: Pool) -> None:
    model = ScriptedModel(lambda _: "LOW")
    talk = speaker(pool, model, BUDGET_TURN_TOKENS="500", AUTO_TIER_SELECTION="true")
    message = talk.message("hello")
    outcome = await talk.step(message, 0)
    assert outcome.waits is not None
    assert ((await talk.turn(message)).tier, model.prompts) == ("mid", [])


async def test_twenty_conversations_at_once_overspend_by_one_call_at_most(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call costs nearly what it may at worst; with all of it, 20 of them are too many."""
    monkeypatch.setattr(reserving, "schema_tokens", lambda _: 0)
    used, allowed = 4_000, 30_000
    model = Costly(lambda _: "hi", Usage(input_tokens=used - 100, output_tokens=100, cost_usd=0.01))
    monkeypatch.setattr(history, "tokens_of", lambda _: used - 150)
    talks = [speaker(pool, model, BUDGET_PERSON_DAY_TOKENS=str(allowed)) for _ in range(20)]
    for talk in talks:
        talk.user = talks[0].user

    async def say(talk: Spoken) -> StepOutcome:
        message = talk.message("hello")
        while True:
            try:
                outcome: StepOutcome = await talk.step(message, 0)
                return outcome
            except Unavailable as error:
                if error.kind != BUSY:
                    raise
                await asyncio.sleep(0.01)

    outcomes = await asyncio.gather(*map(say, talks))
    made = [outcome for outcome in outcomes if outcome.waits is None]
    assert len(model.prompts) == len(made)
    assert allowed - 2 * used < sum(outcome.usage.input_tokens + 100 for outcome in made) <= allowed + used
