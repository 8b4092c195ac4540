"""What a turn and its conversation say to each other: no more than has to be said, and never too little."""

import asyncio
from collections import Counter

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from clara.llm.models import Prompt
from store.database import Pool
from temporal import ids
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import conversation, last_text
from workflows.conversations.conversation import HISTORY_LIMIT

SIGNALLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
SIGNALS = EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED
TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


async def events(client: Client, workflow_id: str, run_id: str | None = None) -> Counter[int]:
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    return Counter([event.event_type async for event in handle.fetch_history_events()])


async def test_a_turn_that_is_seen_to_close_says_nothing_of_it(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    turns = 10
    async with conversation(client, pool, start_worker, last_text) as talk:
        for number in range(turns):
            answered = await talk.ask(f"number {number}")
        await client.get_workflow_handle(answered.id).result()
        turn = await events(client, answered.id)
        whole = await events(client, ids.conversation_id(talk.key))
    assert turn[SIGNALS] == 0
    assert turn[TASK] == 2
    assert sum(turn.values()) == 12
    assert whole[SIGNALLED] == turns
    # Its message, its start, its end: three tasks each, unless some of them are done in one.
    assert whole[TASK] <= 3 * turns + 1


async def test_a_turn_that_outlasts_its_conversations_run_is_asked_to_say_when_it_ends(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    gate = asyncio.Event()

    async def answer(prompt: Prompt) -> str:
        if "wait" in last_text(prompt):
            await gate.wait()
        return last_text(prompt)

    async with conversation(client, pool, start_worker, answer) as talk:
        message = talk.message("wait")
        for _ in range(HISTORY_LIMIT // 20 + 1):
            await asyncio.gather(*(talk.door.say(message) for _ in range(20)))
        following = await talk.say("next")
        conversation_id = ids.conversation_id(talk.key)
        query = f"WorkflowId = '{conversation_id}' and ExecutionStatus = 'ContinuedAsNew'"
        async with asyncio.timeout(PATIENCE_S):
            while not [run async for run in client.list_workflows(query)]:
                await asyncio.sleep(0.05)
        assert (await events(client, message.turn_id))[SIGNALLED] == 1
        gate.set()
        await talk.ended(following)
        await client.get_workflow_handle(message.turn_id).result()
        assert (await events(client, message.turn_id))[SIGNALS] == 1
