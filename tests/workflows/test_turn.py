"""A turn from the person's side: an answer, memory of the conversation, faults of the provider."""

from datetime import timedelta
from typing import Any

from temporalio.client import Client

from clara.errors import ModelRefused, Unavailable
from clara.llm.models import Prompt
from clara.settings import load
from store import conversations
from store.database import Pool
from store.turns import steps, turns
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation, last_text, texts


async def test_message_is_answered(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, lambda p: f"You said {last_text(p)}.") as talk:
        turn = await talk.ask("hello")
        assert (turn.status, turn.reply) == ("completed", "You said hello.")
        assert turn.message.text == "hello"
        assert (await turns.totals(pool, turn.id)).steps == 1


async def test_model_reads_what_was_said_before_until_the_person_starts_anew(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, lambda p: f"answer {len(p.messages)}") as talk:
        await talk.ask("first")
        await talk.ask("second")
        assert [t.partition("\n")[2] or t for t in texts(talk.model.prompts[-1].messages)] == [
            "first",
            "answer 1",
            "second",
        ]
        await conversations.start_fresh(pool, talk.key)
        await talk.ask("third")
        assert len(talk.model.prompts[-1].messages) == 1


async def test_final_refusal_of_the_provider_is_told_and_later_messages_are_answered(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if last_text(prompt) == "bad":
            return ModelRefused("The model provider refused the key.", "auth")
        return "fine"

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("bad")
        assert turn.status == "failed"
        assert turn.reply == "Sorry, I could not answer this. The model provider refused the key."
        assert (await talk.ask("good")).reply == "fine"


async def test_fault_that_passes_is_retried_after_the_pause_that_was_asked_for(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    failures = [Unavailable("busy", "overloaded", timedelta(milliseconds=50)), Unavailable("cut", "truncated")]

    def answer(prompt: Prompt) -> Any:
        return failures.pop() if failures else "at last"

    async with conversation(client, pool, start_worker, answer) as talk:
        assert (await talk.ask("go")).reply == "at last"


async def test_fallback_answers_when_the_provider_stays_down(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    settings = load(
        {
            "ANTHROPIC_API_KEY": "k",
            "NANOGPT_API_KEY": "k",
            "LLM_PROVIDER": "anthropic",
            "LLM_FALLBACKS": "nanogpt:low",
        }
    )
    asked: list[str] = []

    def answer(prompt: Prompt) -> Any:
        asked.append("again")
        return Unavailable("down", "server", timedelta(milliseconds=10)) if len(asked) <= 3 else "from the fallback"

    async with conversation(client, pool, start_worker, answer, settings=settings) as talk:
        turn = await talk.ask("go")
        assert turn.reply == "from the fallback"
        (step,) = (await steps.of_turns(pool, [turn.id]))[turn.id]
        assert (step.provider, step.model, step.route) == ("nanogpt", "gpt-4o-mini", 1)


async def test_too_long_conversation_is_trimmed_and_the_limit_remembered(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if sum(map(len, texts(prompt.messages))) > 30_000:
            return ModelRefused("The conversation is too long.", "too_long")
        return "ok"

    async with conversation(client, pool, start_worker, answer) as talk:
        for _ in range(4):
            assert (await talk.ask("y" * 9_000)).reply == "ok"
        refused = len(talk.model.prompts)
        assert refused > 4, "the fourth must have been refused once"
        assert (await talk.ask("z" * 9_000)).reply == "ok"
        assert len(talk.model.prompts) == refused + 1, "what was learned is not learned again"


async def test_message_that_alone_is_too_long_fails_in_words_and_wedges_nothing(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if len(prompt.messages[-1].text) > 1000:
            return ModelRefused("This is too long for the model.", "too_long")
        return "ok"

    async with conversation(client, pool, start_worker, answer) as talk:
        assert (await talk.ask("y" * 2_000)).status == "failed"
        assert (await talk.ask("short")).reply == "ok"


async def test_empty_answer_is_asked_for_again(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    given: list[Any] = [(), "something"]
    async with conversation(client, pool, start_worker, lambda p: given.pop(0)) as talk:
        assert (await talk.ask("go")).reply == "something"
