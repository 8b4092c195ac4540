"""Tools in a turn: results, mistakes, floods, circles, and writes whose outcome is unclear."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.llm.intake import call_id
from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.errors import ModelRefused, ToolFailed
from clara.llm.models import Prompt
from clara.memory.kinds import scope
from clara.stream import Assembly
from clara.tools.tool import OUTPUT_LIMIT, PREVIEW_LIMIT, Effect
from clara.turn import MAX_IDENTICAL_CALLS
from store import notes, stream
from store.database import Pool
from store.files import blobs
from store.turns import steps
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import call, conversation, results


async def test_tool_is_used_and_its_result_read(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    def answer(prompt: Prompt) -> Any:
        return f"It is {results(prompt)[0].text}" if results(prompt) else call("current_time", timezone="Asia/Tokyo")

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("what time is it in Tokyo?")
        assert turn.reply is not None
        assert "(Asia/Tokyo, UTC+0900)" in turn.reply
        assert {tool.name for tool in talk.model.prompts[0].tools} >= {"current_time", "read_output", "save_note"}


async def test_several_calls_of_one_step_all_get_results_in_their_order(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return "done"
        return (
            *call("current_time", "a"),
            *call("nonsense", "b"),
            *call("save_note", "c", title="three calls", text="x"),
        )

    async with conversation(client, pool, start_worker, answer, ()) as talk:
        turn = await talk.ask("go")
        found = results(talk.model.prompts[-1])
        assert [(r.call_id, r.is_error) for r in found] == [
            (call_id(1, 0, n), is_error) for n, is_error in enumerate((False, True, False))
        ]
        assert "No tool called 'nonsense' was offered" in found[1].text
        assert turn.reply == "done"
        assert await notes.read(pool, scope("cli:ann"), "three calls", open_only=False) is not None


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
    [("done", "noted"), ("not_done", "had no effect"), ("unknown", "I do not know whether post (x) took effect")],
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

    soon = timedelta(seconds=0.5)
    tool = Tool("post", "Posts.", Text, run, effect=Effect.WRITE, timeout=soon, verify=verify, settles_within=soon)
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        turn = await talk.ask("go")
        assert reply_part in (turn.reply or "")
        assert len(ran) == 1


class SlowService:
    """Takes a request and finishes it ``takes_s`` later, also when whoever asked has gone; None is never."""

    def __init__(
        self, takes_s: float | None, timeout_s: float = 0.5, settles_s: float = 2.5, down_s: float = 0
    ) -> None:
        self.requests: list[float] = []
        self.shown = False
        self._takes_s = takes_s
        self._down_s = down_s
        self.tool = Tool(
            "post", "Posts.", Text, self._run, effect=Effect.WRITE, verify=self._verify,
            timeout=timedelta(seconds=timeout_s), settles_within=timedelta(seconds=settles_s),
        )  # fmt: skip

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self.requests[0]

    def _show(self) -> None:
        self.shown = True

    async def _run(self, arguments: Text, context: Context) -> str:
        self.requests.append(asyncio.get_running_loop().time())
        if self._takes_s is not None:
            asyncio.get_running_loop().call_later(self._takes_s, self._show)
        await asyncio.sleep(60)
        return ""

    async def _verify(self, arguments: Text, context: Context) -> Verdict:
        if self._age() < self._down_s:
            raise ConnectionRefusedError
        return Verdict("done" if self.shown else "not_done", "number 17")


def use_post(prompt: Prompt) -> Any:
    return f"The tool said: {results(prompt)[0].text}" if results(prompt) else call("post", text="x")


async def test_write_that_timed_out_and_takes_effect_later_is_told_as_done(
    client: Client, pool: Pool, start_worker: StartWorker, database_url: str
) -> None:
    service = SlowService(takes_s=1.5)
    seen = Assembly()
    ready = asyncio.Event()
    notices: set[str] = set()

    async def look_on() -> None:
        async for frame in stream.listen(database_url, "cli"):
            ready.set()
            if frame is not None and seen.add(frame):
                notices.add(seen.notice)

    onlooker = asyncio.create_task(look_on())
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    async with conversation(client, pool, start_worker, use_post, [service.tool]) as talk:
        turn = await talk.ask("go")
        await talk.until(lambda: seen.ended)
    onlooker.cancel()
    assert turn.reply == seen.step_text == "The tool said: number 17"
    assert notices == {"", "finding out whether post took effect"}
    assert seen.notice == ""
    assert len(service.requests) == 1


async def test_write_that_timed_out_had_no_effect_only_when_it_can_have_none_any_more(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    service = SlowService(takes_s=None)
    async with conversation(client, pool, start_worker, use_post, [service.tool]) as talk:
        turn = await talk.ask("go")
    assert turn.reply == "The tool said: post took longer than 0.5 s, was ended and had no effect."
    assert service._age() >= 3
    assert len(service.requests) == 1


async def test_write_whose_service_cannot_be_asked_for_a_while_is_looked_up_again(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    service = SlowService(takes_s=0.1, settles_s=0.5, down_s=3)
    async with conversation(client, pool, start_worker, use_post, [service.tool]) as talk:
        turn = await talk.ask("go")
    assert turn.reply == "The tool said: number 17"
    assert len(service.requests) == 1


async def test_failed_turn_tells_what_became_of_its_writes(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def run(arguments: Text, context: Context) -> str:
        if arguments.text == "no":
            raise ToolFailed("The board is full.")
        return "It is number 17.\nMore lines."

    async def verify(arguments: Text, context: Context) -> Verdict:
        return Verdict("unknown")

    def answer(prompt: Prompt) -> Any:
        if results(prompt):
            return ModelRefused("The model's account is empty.", "billing")
        return (*call("post", "a", text="yes"), *call("post", "b", text="no"))

    tool = Tool("post", "Posts.", Text, run, effect=Effect.WRITE, verify=verify)
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        turn = await talk.ask("go")
    assert turn.status == "failed"
    assert (turn.reply or "").split("\n\n")[1:] == [
        "✓ post (yes) had already been done: It is number 17.",
        "✗ post (no) was not done: The board is full.",
    ]
