"""A turn from the person's side: an answer, tools, memory of the conversation, and failures."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ModelRefused, ToolFailed, Unavailable
from clara.messages import ToolResultPart
from clara.models import Prompt
from clara.settings import load
from clara.tools import OUTPUT_LIMIT, PREVIEW_LIMIT, Effect
from clara.turn import MAX_IDENTICAL_CALLS
from store import blobs, conversations, notes, steps, turns
from store.database import Pool
from tests.conftest import StartWorker
from tests.workflows.conversations import call, conversation, last_text, texts


def results(prompt: Prompt) -> list[ToolResultPart]:
    return [part for message in prompt.messages for part in message.parts if isinstance(part, ToolResultPart)]


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


async def test_tool_is_used_and_its_result_read(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    def answer(prompt: Prompt) -> Any:
        return f"It is {results(prompt)[0].text}" if results(prompt) else call("current_time", timezone="Asia/Tokyo")

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("what time is it in Tokyo?")
        assert turn.reply is not None
        assert "(Asia/Tokyo, UTC+0900)" in turn.reply
        assert {tool.name for tool in talk.model.prompts[0].tools} >= {"current_time", "search_transcript", "save_note"}


async def test_several_calls_of_one_step_all_get_results_in_their_order(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return "done"
        return (*call("current_time", "a"), *call("nonsense", "b"), *call("save_note", "c", title="t", text="x"))

    async with conversation(client, pool, start_worker, answer, ()) as talk:
        turn = await talk.ask("go")
        found = results(talk.model.prompts[-1])
        assert [(r.call_id, r.is_error) for r in found] == [("a", False), ("b", True), ("c", False)]
        assert "no tool called 'nonsense'" in found[1].text
        assert turn.reply == "done"
        assert await notes.read(pool, "cli:ann", "t") is not None


async def test_wrong_arguments_come_back_to_the_model_in_words(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        return "sorry" if results(prompt) else call("save_note", titel="x", text=3)

    async with conversation(client, pool, start_worker, answer) as talk:
        await talk.ask("go")
        (result,) = results(talk.model.prompts[-1])
        assert result.is_error
        assert "title: Field required" in result.text
        assert "titel: Extra inputs are not permitted" in result.text


class Text(Arguments):
    text: str = ""


async def test_long_tool_output_is_kept_whole_and_read_in_part(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    long = "x" * 10_000_000

    async def run(arguments: Text, context: Context) -> str:
        return long

    def answer(prompt: Prompt) -> Any:
        return "read it" if results(prompt) else call("flood")

    tool = Tool("flood", "Says much.", Text, run)
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        turn = await talk.ask("go")
        (result,) = results(talk.model.prompts[-1])
        assert len(result.text) <= PREVIEW_LIMIT < OUTPUT_LIMIT
        stored = await steps.result(pool, turn.id, 0, "c1")
        assert stored is not None
        assert stored.blob_id is not None
        assert stored.size == len(long)
        blob = await blobs.get(pool, stored.blob_id, "cli:ann")
        assert blob is not None
        assert blob.data == long.encode()
        assert await blobs.get(pool, stored.blob_id, "cli:bob") is None
        history = await client.get_workflow_handle(turn.id).fetch_history()
        assert sum(event.ByteSize() for event in history.events) < 20_000


async def test_model_that_turns_in_circles_has_to_answer(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    def answer(prompt: Prompt) -> Any:
        return call("current_time") if prompt.may_call_tools else "I give up."

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("go")
        assert turn.reply == "I give up."
        assert len(talk.model.prompts) == MAX_IDENTICAL_CALLS + 2


async def test_tool_that_breaks_is_a_result_for_the_model(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def run(arguments: Text, context: Context) -> str:
        if arguments.text == "refuse":
            raise ToolFailed("Ask for something else.")
        if arguments.text == "hang":
            await asyncio.sleep(60)
        raise ZeroDivisionError

    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return "ok"
        return tuple(part for name in ("refuse", "bug", "hang") for part in call("brittle", name, text=name))

    tool = Tool("brittle", "Breaks.", Text, run, timeout=timedelta(seconds=0.3))
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        await talk.ask("go")
        assert [r.text for r in results(talk.model.prompts[-1])] == [
            "Ask for something else.",
            "brittle broke (ZeroDivisionError). Do without it.",
            "brittle took longer than 0.3 s and was ended.",
        ]


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


@pytest.mark.parametrize(
    ("verdict", "reply_part"),
    [("done", "noted"), ("not_done", "had no effect"), ("unknown", "I do not know whether post took")],
)
async def test_write_that_ends_unclear_is_verified_and_never_repeated(
    client: Client, pool: Pool, start_worker: StartWorker, verdict: Any, reply_part: str
) -> None:
    ran: list[str] = []

    async def run(arguments: Text, context: Context) -> str:
        ran.append(context.key)
        raise ConnectionResetError

    async def verify(arguments: Text, context: Context) -> Verdict:
        return Verdict(verdict, "noted")

    def answer(prompt: Prompt) -> Any:
        return results(prompt)[0].text if results(prompt) else call("post", text="x")

    tool = Tool("post", "Posts.", Text, run, effect=Effect.WRITE, verify=verify)
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        turn = await talk.ask("go")
        assert reply_part in (turn.reply or "")
        assert len(ran) == 1


async def test_tier_is_the_messages_else_the_conversations_else_the_default(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    settings = load(
        {
            "ANTHROPIC_API_KEY": "k",
            "ANTHROPIC_MODEL_HIGH": "big",
            "ANTHROPIC_MODEL_MID": "middle",
            "ANTHROPIC_MODEL_LOW": "small",
        }
    )
    async with conversation(client, pool, start_worker, lambda p: "ok", settings=settings) as talk:

        async def model(**more: Any) -> str | None:
            return (await turns.totals(pool, (await talk.ask("hi", **more)).id)).model

        assert await model() == "middle"
        assert await model(tier="high") == "big"
        await conversations.set_tier(pool, talk.key, "low")
        assert await model() == "small"
        assert await model(tier="high") == "big"
        await conversations.set_tier(pool, talk.key, None)
        assert await model() == "middle"


async def test_tier_is_guessed_by_the_small_model_where_that_is_wanted(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    settings = load({"ANTHROPIC_API_KEY": "k", "AUTO_TIER_SELECTION": "true", "ANTHROPIC_MODEL_HIGH": "big"})

    def answer(prompt: Prompt) -> Any:
        if prompt.system.startswith("You sort requests"):
            return Unavailable("down", "server") if "nothing" in prompt.messages[-1].text else "HIGH"
        return "ok"

    async with conversation(client, pool, start_worker, answer, settings=settings) as talk:
        assert (await talk.ask("prove it")).tier == "high"
        assert (await talk.ask("nothing")).tier == "mid"
