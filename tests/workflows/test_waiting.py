"""Turns that wait for something outside: others pass, nothing is lost, and silence is no."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from activities.tools.tool import Arguments, Context, Tool
from activities.tools.waiting import Waits, in_words
from clara.conversation import Stop
from clara.llm.models import Prompt
from store.database import Pool
from store.turns import waits
from temporal import ids
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, call, conversation, last_text, texts
from workflows.conversations.conversation import HISTORY_LIMIT

MANY = HISTORY_LIMIT // 7
"""Messages that make a conversation continue as new."""


class Question(Arguments):
    whom: str


class Outside:
    """Somebody who is asked by a tool and answers when it suits them."""

    def __init__(self, limit: timedelta = timedelta(days=7)) -> None:
        self.limit = limit
        self.keys: dict[str, str] = {}

    @property
    def tool(self) -> Tool[Question]:
        async def ask(arguments: Question, context: Context) -> str:
            self.keys[arguments.whom] = context.key
            raise Waits(f"an answer of {arguments.whom}", self.limit)

        return Tool("ask_person", "Asks somebody.", Question, ask)

    async def asked(self, *whom: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not all(name in self.keys for name in whom):
                await asyncio.sleep(0.02)


def answer(prompt: Prompt) -> Any:
    """ "ask NAME" asks, and then tells what was answered; everything else is repeated."""
    last = prompt.messages[-1]
    asked = [p for p in last.parts if p.type == "tool_result"]
    if asked:
        return f"heard: {asked[0].text}"
    text = last_text(prompt)
    if text.startswith("ask "):
        return call("ask_person", whom=text.removeprefix("ask "))
    return f"re {text}"


async def _parked(talk: Conversation, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len((await talk.door.status(talk.key)).parked) != count:
            await asyncio.sleep(0.05)


async def _reported(talk: Conversation) -> None:
    """No resumed turn is at work: one that has ended says so a moment after its reply can be read."""
    async with asyncio.timeout(PATIENCE_S):
        while (await talk.door.status(talk.key)).resumed:
            await asyncio.sleep(0.02)


async def test_others_pass_and_the_answer_goes_to_its_own_message(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    outside = Outside()
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        asking = await talk.say("ask bob")
        assert (await talk.ask("hello")).reply == "re hello"
        assert any("still waiting for: an answer of bob" in text for text in texts(talk.model.prompts[-1].messages))
        assert [wait.about for wait in await waits.of_conversation(pool, talk.key)] == ["an answer of bob"]
        assert (await talk.door.status(talk.key)).parked == (asking,)
        assert await talk.door.bring(outside.keys["bob"], "yes, on Friday")
        turn = await talk.ended(asking)
        assert turn.position == 1
        assert (turn.reply or "").startswith("heard: yes, on Friday\n\n[While this waited")
        assert "You: re hello" in (turn.reply or "")
        assert await waits.of_conversation(pool, talk.key) == []
        assert await talk.door.bring(outside.keys["bob"], "no") is False


async def test_two_wait_and_one_runs(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    outside, gate = Outside(), asyncio.Event()

    async def slowly(prompt: Prompt) -> Any:
        if last_text(prompt) == "slow":
            await gate.wait()
        return answer(prompt)

    async with conversation(client, pool, start_worker, slowly, [outside.tool]) as talk:
        asking = {name: await talk.say(f"ask {name}") for name in ("bob", "eve")}
        slow = await talk.say("slow")
        await outside.asked("bob", "eve")
        await _parked(talk, 2)
        await talk.door.bring(outside.keys["eve"], "no")
        assert ((await talk.ended(asking["eve"])).reply or "").startswith("heard: no\n")
        await talk.door.bring(outside.keys["bob"], "yes")
        assert ((await talk.ended(asking["bob"])).reply or "").startswith("heard: yes\n")
        assert (await talk.door.status(talk.key)).running == slow
        gate.set()
        assert (await talk.ended(slow)).reply == "re slow"


async def test_silence_is_no(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    outside = Outside(timedelta(seconds=1))
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        turn = await talk.ask("ask bob")
        assert turn.reply == (
            "heard: No answer came within 1 second. That counts as no: do not go ahead. Tell the person."
        )
        assert await talk.door.bring(outside.keys["bob"], "yes") is False, "too late"


async def test_stop_with_nothing_running_stops_the_newest_that_waits(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    outside = Outside()
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        first, second = [await talk.say(f"ask {name}") for name in ("bob", "eve")]
        await _parked(talk, 2)
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(second)).status == "stopped"
        await _parked(talk, 1)
        assert [wait.turn_id for wait in await waits.of_conversation(pool, talk.key)] == [first]
        await talk.door.stop(talk.key, Stop(message_id=first.rpartition("/")[2]))
        assert (await talk.ended(first)).status == "stopped"
        assert await talk.door.bring(outside.keys["bob"], "yes") is False
        assert (await talk.ask("hello")).status == "completed"


@pytest.mark.timeout(300)
async def test_waiting_outlasts_workers_and_runs_of_the_conversation(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    outside = Outside()
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        asking, other = await talk.say("ask bob"), await talk.say("ask eve")
        await _parked(talk, 2)
    last = ""
    for n in range(MANY):
        last = await talk.say(f"n{n}")
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as again:
        again.key = talk.key
        await again.ended(last, 200)
        query = f"WorkflowId = '{ids.conversation_id(talk.key)}' and ExecutionStatus = 'ContinuedAsNew'"
        assert [run async for run in client.list_workflows(query)]
        assert (await talk.door.status(talk.key)).parked == (asking, other)
        await talk.door.bring(outside.keys["bob"], "yes")
        assert ((await talk.ended(asking)).reply or "").startswith("heard: yes\n")
        await _reported(talk)  # until then a stop means the turn whose reply has just come
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(other)).status == "stopped"


async def test_waiting_turn_that_an_operator_terminated_is_apologised_for_when_it_is_stopped(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    outside = Outside()
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        asking = await talk.say("ask bob")
        await _parked(talk, 1)
        await client.get_workflow_handle(asking).terminate()
        assert (await talk.ended(asking)).status == "failed"
        await _parked(talk, 0)


async def test_result_that_comes_before_the_turn_waits_for_it_counts(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def ask(arguments: Question, context: Context) -> str:
        await client.get_workflow_handle(context.message.turn_id).signal(
            "arrived", {"step": 0, "call_id": context.key.rpartition("/")[2]}
        )
        raise Waits("nothing", timedelta(days=1))

    tool = Tool("ask_person", "Asks somebody.", Question, ask)
    async with conversation(client, pool, start_worker, answer, [tool]) as talk:
        assert (await talk.ask("ask bob")).status == "completed"


def test_limits_are_told_in_words() -> None:
    limits = (timedelta(days=7), timedelta(hours=1), timedelta(minutes=90), timedelta(seconds=1.5))
    assert [in_words(limit) for limit in limits] == ["7 days", "1 hour", "90 minutes", "1.5 seconds"]
    left = (timedelta(days=3, seconds=-0.01), timedelta(days=2, hours=7, seconds=12), timedelta(minutes=89, seconds=59))
    assert [in_words(limit) for limit in left] == ["3 days", "55 hours", "90 minutes"]
