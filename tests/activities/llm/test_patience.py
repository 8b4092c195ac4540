"""A provider that is down is waited for, about an hour; then, and meanwhile, the person is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from temporalio.client import Client

from activities.llm import patience
from activities.llm.patience import COSTLY_TRIES, PATIENCE, TRIES, Tries, last_words, retry_notice
from clara.errors import Unavailable
from clara.llm.models import MAX_CALLS, Prompt
from clara.settings import load
from store.database import Pool
from store.stream import TurnStream
from store.turns import steps
from temporal import policies
from tests.conftest import StartWorker
from tests.workflows.conversations import call, conversation, results

pytestmark = pytest.mark.usefixtures("unhurried")

DOWN = "The model provider (anthropic) could not be reached."


def wait_in_all(error: Unavailable) -> timedelta:
    """The pauses of a provider that fails the same way until Clara gives up."""
    tries, waited = Tries(), timedelta()
    while True:
        tries = tries.after(error)
        number, of = tries.next_of(error, last=True)
        if number > of:
            return waited
        waited += tries.pause(error)


@pytest.mark.parametrize("asked", [None, timedelta(), timedelta(seconds=1), timedelta(seconds=10)])
def test_a_provider_is_waited_for_about_an_hour_whatever_pause_it_asks_for(asked: timedelta | None) -> None:
    waited = wait_in_all(Unavailable(DOWN, "connection", asked))
    assert timedelta(minutes=55) < waited < timedelta(minutes=70)


def test_a_longer_pause_that_the_provider_asks_for_is_kept() -> None:
    assert Tries(1, 0).pause(Unavailable(DOWN, "rate_limit", timedelta(seconds=50))) == timedelta(seconds=50)


def test_faults_that_cost_money_end_early() -> None:
    assert wait_in_all(Unavailable("Broke off.", "truncated")) < timedelta(minutes=1)


def test_the_policy_does_not_end_before_patience_does() -> None:
    assert policies.MODEL.attempts == TRIES
    assert policies.MODEL.total >= timedelta(days=7)


def test_words_of_a_retry() -> None:
    error = Unavailable(DOWN, "connection")
    assert retry_notice(error, 3, 124, timedelta(seconds=8)) == (
        "The model provider (anthropic) could not be reached; retry 3 of 124 in 8 s"
    )
    assert retry_notice(error, 1, 2, timedelta(seconds=0.5)).endswith("retry 1 of 2 in 0.5 s")


def test_last_words_say_what_was_tried_for_how_long() -> None:
    error = Unavailable("The model provider (nanogpt) is overloaded.", "overloaded")
    assert last_words(error, 125, timedelta(minutes=61), ["anthropic"]) == (
        "The model provider (nanogpt) is overloaded. I tried 125 times over 61 minutes, after anthropic had failed."
        " Please try again later."
    )


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tries with pauses of a thousandth."""
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.0005)
    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.03)


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(TurnStream, "notice", lambda self, sentence: said.append(sentence))
    return said


async def test_a_provider_that_comes_back_after_most_of_an_hour_answers(
    client: Client, pool: Pool, start_worker: StartWorker, hurried: None, notices: list[str]
) -> None:
    def answer(prompt: Prompt) -> Any:
        down = len(talk.model.prompts) < 100
        return Unavailable(DOWN, "connection", timedelta(milliseconds=1)) if down else "back"

    async with conversation(client, pool, start_worker, answer) as talk:
        assert (await talk.ask("go")).reply == "back"
    assert notices[2] == f"{DOWN[:-1]}; retry 3 of {TRIES - 1} in 0.0 s"
    assert len(notices) == 99


async def test_the_end_of_patience_is_told(
    client: Client, pool: Pool, start_worker: StartWorker, hurried: None
) -> None:
    async with conversation(client, pool, start_worker, lambda p: Unavailable(DOWN, "connection")) as talk:
        turn = await talk.ask("go")
        assert turn.status == "failed"
        assert len(talk.model.prompts) == TRIES
        assert turn.reply is not None
        assert turn.reply.startswith(f"Sorry, I could not answer this. {DOWN} I tried {TRIES} times over ")


@pytest.mark.parametrize("broken", [Unavailable("Broke off.", "truncated"), ()])
async def test_what_costs_money_is_asked_a_few_times(
    client: Client, pool: Pool, start_worker: StartWorker, hurried: None, notices: list[str], broken: Any
) -> None:
    async with conversation(client, pool, start_worker, lambda p: broken) as talk:
        turn = await talk.ask("go")
        assert turn.status == "failed"
        assert len(talk.model.prompts) == COSTLY_TRIES
        assert f"I tried {COSTLY_TRIES} times" in (turn.reply or "")
    assert [notice.partition("; ")[2][:12] for notice in notices] == [f"retry {n} of 5" for n in range(1, 6)]


async def test_a_broken_answer_after_a_long_outage_is_not_the_end(
    client: Client, pool: Pool, start_worker: StartWorker, hurried: None
) -> None:
    faults = [Unavailable("Broke off.", "truncated")] * 2 + [Unavailable(DOWN, "connection")] * 20

    async with conversation(client, pool, start_worker, lambda p: faults.pop() if faults else "fine") as talk:
        assert (await talk.ask("go")).reply == "fine"


async def test_the_last_fallback_is_waited_for_and_the_others_are_named(
    client: Client, pool: Pool, start_worker: StartWorker, hurried: None, notices: list[str]
) -> None:
    settings = load({"ANTHROPIC_API_KEY": "k", "NANOGPT_API_KEY": "k", "LLM_FALLBACKS": "nanogpt"})

    async with conversation(
        client, pool, start_worker, lambda p: Unavailable(DOWN, "connection"), settings=settings
    ) as talk:
        turn = await talk.ask("go")
        assert len(talk.model.prompts) == PATIENCE + TRIES
        assert "after anthropic had failed" in (turn.reply or "")
    assert notices[PATIENCE - 1] == f"{DOWN[:-1]}; asking nanogpt instead"


async def test_faults_of_the_database_are_not_told_as_the_providers(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch, notices: list[str]
) -> None:
    settings = load({"ANTHROPIC_API_KEY": "k", "NANOGPT_API_KEY": "k", "LLM_FALLBACKS": "nanogpt"})
    real, failures = steps.save_last, [psycopg.OperationalError("the server closed the connection")] * 4

    async def save(*arguments: Any) -> bool:
        if failures:
            raise failures.pop()
        return await real(*arguments)

    monkeypatch.setattr(steps, "save_last", save)
    async with conversation(client, pool, start_worker, lambda p: "fine", settings=settings) as talk:
        turn = await talk.ask("go")
        assert turn.reply == "fine"
        (step,) = (await steps.of_turns(pool, [turn.id]))[turn.id]
        assert (step.provider, step.route) == ("anthropic", 0)
    assert notices == []


async def test_an_answer_that_cannot_be_stored_is_paid_for_once(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def save(*_: Any) -> bool:
        raise psycopg.errors.UntranslatableCharacter("unsupported Unicode escape sequence")

    monkeypatch.setattr(steps, "save_last", save)
    async with conversation(client, pool, start_worker, lambda p: "fine") as talk:
        turn = await talk.ask("go")
        assert turn.status == "failed"
        assert "could not be stored" in (turn.reply or "")
        assert len(talk.model.prompts) == 1


async def test_a_mistake_of_claras_own_is_paid_for_a_few_times(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        policies,
        "MODEL",
        replace(policies.MODEL, slowest=timedelta(seconds=0.5)),
    )
    async with conversation(client, pool, start_worker, lambda p: ZeroDivisionError("a bug")) as talk:
        turn = await talk.ask("go")
        assert turn.status == "failed"
        assert "something on my side broke" in (turn.reply or "").lower()
        assert len(talk.model.prompts) == COSTLY_TRIES


async def test_calls_with_one_id_are_all_run_and_get_their_own_results(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return " | ".join(result.text for result in results(prompt))
        return tuple(part for n in range(3) for part in call("save_note", "call_1", title=f"t{n}", text="x"))

    async with conversation(client, pool, start_worker, answer) as talk:
        reply = (await talk.ask("go")).reply or ""
        assert len(reply.split(" | ")) == 3
        assert all(f"t{n}" in reply for n in range(3))


async def test_of_thousands_of_calls_a_few_are_run_and_the_model_reads_why(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return "done"
        return tuple(part for n in range(2_500) for part in call("no_such_tool", f"c{n}", n=n))

    async with conversation(client, pool, start_worker, answer) as talk:
        assert (await talk.ask("go")).reply == "done"
        found = results(talk.model.prompts[-1])
        assert len(found) == MAX_CALLS + 1
        assert all("No tool called" in result.text for result in found[:-1])
        assert found[-1].text.startswith("Not run")
        assert str(MAX_CALLS) in found[-1].text
