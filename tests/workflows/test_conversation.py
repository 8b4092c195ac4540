"""A conversation: order, no message twice, runs that continue as new, and late redeliveries."""

import asyncio
import os
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

import workflows.conversations.conversation
from clara.errors import UserError
from clara.llm.models import Prompt
from clara.messages import MESSAGE_LIMIT
from store.database import Pool
from store.turns import turns
from temporal import ids
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation, last_text
from workflows.conversations.conversation import HISTORY_LIMIT

MESSAGES = int(os.environ.get("CLARA_MESSAGES", "60"))
"""Said at once, all in one conversation; 2,000 in ``make chaos``."""

RUNS = 5
"""Of that conversation at least. Where there are few messages each run is shorter, so that it has as many."""


async def test_messages_are_answered_one_after_the_other_in_their_order(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    running = 0

    async def slowly(prompt: Prompt) -> str:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.02)
        running -= 1
        return last_text(prompt)

    async with conversation(client, pool, start_worker, slowly) as talk:
        ids_ = [await talk.say(f"number {n}") for n in range(10)]
        await talk.ended(ids_[-1])
        answered = await turns.recent(pool, talk.key, 20)
        assert [t.reply for t in answered] == [f"number {n}" for n in range(10)]
        assert [t.position for t in answered] == list(range(1, 11))


async def test_redelivered_message_is_answered_once(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, lambda p: "once") as talk:
        message = talk.message("hello", "same")
        await asyncio.gather(*(talk.door.say(message) for _ in range(10)))
        await talk.ended(message.turn_id)
        await talk.ask("next")
        assert len(talk.model.prompts) == 2


async def test_redelivery_after_the_conversation_was_forgotten_is_still_answered_once(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    gate = asyncio.Event()

    async def wait(prompt: Prompt) -> str:
        if last_text(prompt) == "slow":
            await gate.wait()
        return last_text(prompt)

    async with conversation(client, pool, start_worker, wait) as talk:
        message = talk.message("slow", "same")
        await talk.door.say(message)
        await talk.until(lambda: talk.model.prompts)
        await client.get_workflow_handle(ids.conversation_id(talk.key)).terminate()
        await talk.door.say(message)
        following = await talk.say("after")
        await asyncio.sleep(0.5)
        assert await turns.get(pool, following) is None, "the next message must not overtake"
        gate.set()
        assert (await talk.ended(following)).reply == "after"
        assert len(talk.model.prompts) == 2


async def test_turn_that_an_operator_terminates_is_apologised_for(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def hang(prompt: Prompt) -> str:
        await asyncio.sleep(60 if last_text(prompt) == "hang" else 0)
        return "fine"

    async with conversation(client, pool, start_worker, hang) as talk:
        turn_id = await talk.say("hang")
        await talk.until(lambda: talk.model.prompts)
        await client.get_workflow_handle(turn_id).terminate()
        turn = await talk.ended(turn_id)
        assert turn.status == "failed"
        assert (turn.reply or "").startswith("Sorry, I could not answer this.")
        assert (await talk.ask("again")).reply == "fine"


@pytest.mark.timeout(900)
async def test_messages_through_many_runs_of_one_conversation(
    client: Client, pool: Pool, start_unwatched: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(prompt: Prompt) -> Any:
        return last_text(prompt)

    monkeypatch.setattr(workflows.conversations.conversation, "HISTORY_LIMIT", min(HISTORY_LIMIT, 2 * MESSAGES))
    async with conversation(client, pool, start_unwatched, answer) as talk:
        for n in range(MESSAGES):
            turn_id = await talk.say(f"n{n}", f"id{n}")
            if n % 3 == 0:
                await talk.say(f"n{n}", f"id{n}")
        await talk.ended(turn_id, MESSAGES)
        answered = await turns.recent(pool, talk.key, 2 * MESSAGES)
        assert [t.reply for t in answered] == [f"n{n}" for n in range(MESSAGES)]
        runs = [w async for w in client.list_workflows(f"WorkflowId = '{ids.conversation_id(talk.key)}'")]
        assert sum(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs) >= RUNS


async def test_too_long_message_is_refused_by_name_of_the_limit(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, lambda p: "ok") as talk:
        with pytest.raises(UserError, match="500,000 characters and I can take 100,000"):
            await talk.say("x" * 500_000)
        assert (await talk.ask("é" * MESSAGE_LIMIT)).reply == "ok"


async def test_turn_can_be_found_and_read_in_temporals_page(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, lambda p: "ok") as talk:
        turn_id = await talk.say("hello")
        handle = client.get_workflow_handle(turn_id)
        await talk.ended(turn_id)
        assert (await handle.result())["status"] == "completed"
        description = await handle.describe()
        assert await description.static_summary() == "Ann on cli"
        found = {
            pair.key.name: pair.value
            for pair in description.typed_search_attributes
            if pair.key.name.startswith("Clara")
        }
        assert found == {
            "ClaraUser": "cli:ann",
            "ClaraPlatform": "cli",
            "ClaraConversation": talk.key.id,
            "ClaraStatus": "completed",
            "ClaraModel": "scripted",
            "ClaraTokens": 15,
        }
