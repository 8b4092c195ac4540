"""Memory around a turn: recalled before the answer, learned from after it, and never in its way."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.memory.activities import MemoryActivities
from activities.memory.embedding import embedder
from activities.memory.memories import Memories
from clara.memory.kinds import scope
from clara.memory.recall import RecallOutcome, RecallRequest
from clara.memory.requests import ExtractOutcome, RememberRequest
from clara.settings import load
from store import conversations
from store.database import Pool
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from store.memory.writing import Draft
from temporal.contracts.memory import Memory
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation


class NoMemory(Memory):
    """A memory that is down."""

    @activity.defn(name="memory.recall")
    async def recall(self, request: RecallRequest) -> RecallOutcome:
        raise ApplicationError("down", non_retryable=True)

    @activity.defn(name="memory.extract")
    async def extract(self, request: RememberRequest) -> ExtractOutcome:
        raise ApplicationError("down", non_retryable=True)


async def test_turn_goes_on_without_memory_and_says_so(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, lambda p: "still here", memory=NoMemory()) as talk:
        turn = await talk.ask("hello")
        assert turn.reply == "still here"
        assert "My memory could not be read just now." in talk.model.prompts[0].messages[-1].text
        result = await client.get_workflow_handle(turn.id).result()
        assert result["notice"] == "My memory could not be read just now."


@pytest.fixture
async def memories(pool: Pool, database_url: str, tmp_path: Path) -> Any:
    index = Mem0Index(PostgresVectors(database_url), "test_turns_384", 384, tmp_path)
    made = Memories(pool, index, embedder(load({}).memory, tmp_path))
    yield made
    await index.close()


async def test_what_was_told_is_recalled_in_another_conversation_of_the_same_person_alone(
    client: Client, pool: Pool, start_worker: StartWorker, memories: Memories
) -> None:
    asked: list[str] = []

    async def ask(turn_id: str, instruction: str, question: str) -> str:
        asked.append(question)
        return json.dumps({})

    user = f"ann-{uuid.uuid4().hex[:8]}"
    await memories.add(scope(f"cli:{user}"), [Draft("Has a parrot called Polly", user, "command")])
    serving = MemoryActivities(memories, load({}).memory, ask, "small")
    async with conversation(client, pool, start_worker, lambda p: "ok", memory=serving) as talk:
        talk.user = talk.user.model_copy(update={"id": f"cli:{user}"})
        await talk.ask("What is my parrot called?")
        assert "“Has a parrot called Polly”" in talk.model.prompts[-1].messages[-1].text
        talk.user = talk.user.model_copy(update={"id": "cli:bob"})
        await talk.ask("What is my parrot called?")
        assert "Polly" not in talk.model.prompts[-1].messages[-1].text
        await talk.until(lambda: asked)


async def test_project_of_a_conversation_goes_with_its_messages(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, lambda p: "ok", memory=NoMemory()) as talk:
        assert (await talk.ask("before")).message.project is None
        await conversations.set_project(pool, talk.key, "boat")
        assert (await talk.ask("after")).message.project == "boat"
