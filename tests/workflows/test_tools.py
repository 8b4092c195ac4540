"""Tools in a turn: results, mistakes, floods, circles, and writes whose outcome is unclear."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.llm.intake import call_id
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ToolFailed
from clara.models import Prompt
from clara.tools import OUTPUT_LIMIT, PREVIEW_LIMIT, Effect
from clara.turn import MAX_IDENTICAL_CALLS
from store import blobs, notes, steps
from store.database import Pool
from tests.conftest import StartWorker
from tests.workflows.conversations import call, conversation, results


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
        assert [(r.call_id, r.is_error) for r in found] == [
            (call_id(1, 0, n), is_error) for n, is_error in enumerate((False, True, False))
        ]
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
        stored = await steps.result(pool, turn.id, 0, call_id(1, 0, 0))
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
