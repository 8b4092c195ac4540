"""Forgetting a person who is talking: what runs and what waits is stopped first, and nothing is written back."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.memory.activities import MemoryActivities
from activities.memory.memories import Memories
from activities.people import histories
from activities.people.forgetting import forget_person
from clara.errors import UserError
from clara.llm.models import Prompt
from clara.memory.kinds import scope
from clara.messages import Person
from clara.settings import load
from store.database import Pool
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.people import people
from store.turns import turns
from temporal import attributes, ids
from tests.conftest import StartWorker
from tests.loopback.hash_embedder import HashEmbedder
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, conversation, last_text
from tests.workflows.test_waiting import Outside, answer


@pytest.fixture
def memories(pool: Pool, database_url: str, tmp_path: Path) -> Memories:
    index = Mem0Index(PostgresVectors(database_url), f"forget_{uuid4().hex[:8]}", 384, tmp_path)
    return Memories(pool, index, HashEmbedder())


async def _kept(client: Client, talk: Conversation) -> list[str]:
    """The closed histories that hold what the person said."""
    query = (
        f"{attributes.USER.name} = '{talk.user.id}' or WorkflowId starts_with 'memory/{talk.user.id}/'"
        f" or WorkflowId = '{ids.conversation_id(talk.key)}'"
    )
    found = [each async for each in client.list_workflows(query)]
    return [each.id for each in found if each.status is not WorkflowExecutionStatus.RUNNING]


@pytest.mark.timeout(400)  # the server takes half a minute to delete a history
async def test_running_and_waiting_turns_end_and_nothing_is_left(
    client: Client, pool: Pool, start_worker: StartWorker, memories: Memories
) -> None:
    outside = Outside()

    async def slowly(prompt: Prompt) -> Any:
        if last_text(prompt) == "slow":
            await asyncio.sleep(600)
        return answer(prompt)

    memory = MemoryActivities(memories, load({}).memory, None, client=client)
    async with conversation(client, pool, start_worker, slowly, [outside.tool], memory=memory) as talk:
        talk.user = Person(id=f"cli:{uuid4().hex[:12]}", name="Max")
        ended = await talk.ask("hello")
        parked = await talk.say("ask bob")
        await outside.asked("bob")
        slow = await talk.say("slow")
        await talk.until(lambda: any(last_text(prompt) == "slow" for prompt in talk.model.prompts))
        answered = await talk.door.memory(talk.user.id, talk.key, "add", "likes green tea")
        assert answered.text.startswith("I will remember that")
        counted = (await forget_person(memories, scope(talk.user.id), client)).counted
        assert counted["turns"] == 3
        assert counted["histories"] >= 4
        for turn_id in (ended.id, parked, slow):
            assert await turns.get(pool, turn_id) is None
        left = await people.export(pool, scope(talk.user.id))
        assert not any(rows for subject, rows in left.items() if subject != "user")
        # The conversation has not waited for its idle hour. Once more: as if the first time had been killed.
        await forget_person(memories, scope(talk.user.id), client)
        async with asyncio.timeout(300):  # the server takes half a minute for it
            while await _kept(client, talk):
                await asyncio.sleep(0.5)
        told = await talk.door.memory(talk.user.id, talk.key, "forget-me", "yes")
        assert told.is_forgotten
        assert told.text == "I have forgotten you. Deleted: there was nothing."
        assert (await talk.ask("hello again")).position == 1, "and one may go on as somebody new"


async def test_what_cannot_be_stopped_is_not_torn_out(
    client: Client, pool: Pool, start_worker: StartWorker, memories: Memories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "PATIENCE_S", 1.0)
    outside = Outside()
    async with conversation(client, pool, start_worker, answer, [outside.tool]) as talk:
        talk.user = Person(id=f"cli:{uuid4().hex[:12]}", name="Max")
        parked = await talk.say("ask bob")
        await outside.asked("bob")
    with pytest.raises(UserError, match="could not stop in time"):  # there is no worker any more
        await forget_person(memories, scope(talk.user.id), client)
    assert await turns.get(pool, parked) is not None


async def test_a_turn_whose_workflow_is_gone_keeps_nobody_from_being_forgotten(
    client: Client, pool: Pool, memories: Memories
) -> None:
    owner = scope(f"cli:{uuid4().hex[:12]}")
    talk = Conversation(None, None)  # type: ignore[arg-type]
    talk.user = Person(id=owner, name="Max")
    await turns.begin(pool, talk.message("hello"))
    with pytest.raises(UserError, match="still answering"):
        await forget_person(memories, owner, None)
    assert (await forget_person(memories, owner, client)).counted["turns"] == 1


async def test_a_conversation_that_is_to_end_answers_first_what_waits_in_it(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async def slowly(prompt: Prompt) -> str:
        await asyncio.sleep(0.3)
        return f"you said {last_text(prompt)}"

    async with conversation(client, pool, start_worker, slowly) as talk:
        handle = client.get_workflow_handle(ids.conversation_id(talk.key))
        said = [await talk.say("one"), await talk.say("two")]
        await handle.signal("rest")
        said.append(await talk.say("three"))
        replies = [(await talk.ended(turn_id)).reply for turn_id in said]
        assert replies == ["you said one", "you said two", "you said three"]
        async with asyncio.timeout(PATIENCE_S):
            await handle.result()
        assert (await talk.ask("four")).reply == "you said four", "and it begins anew"
        for number in range(10):  # a message that comes at the very moment
            handle = client.get_workflow_handle(ids.conversation_id(talk.key))
            resting, turn_id = await asyncio.gather(
                handle.signal("rest"), talk.say(f"more {number}"), return_exceptions=True
            )
            assert resting is None or isinstance(resting, RPCError), "it may have ended by itself"
            assert isinstance(turn_id, str)
            assert (await talk.ended(turn_id)).reply == f"you said more {number}"
