"""Memory in whole turns, with a model on loopback that learns: told once, known from then on, never in the way."""

import asyncio

from temporalio.client import Client

from activities.memory.activities import MemoryActivities
from activities.memory.tools import tools
from clara.memory.kinds import Owner, scope
from clara.messages import Person
from clara.settings import load
from store.database import Pool
from store.memory.index import Index
from tests.activities.memory.people import Clara, clara
from tests.activities.memory.test_recall import Slow
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, conversation, last_text


def activities(she: Clara) -> MemoryActivities:
    settings = load({"MEMORY_RECALL_TIMEOUT": "0.5"}).memory
    return MemoryActivities(she.memories, settings, she.learner._ask, "loopback")


def as_person(talk: Conversation, owner: Owner) -> None:
    talk.user = Person(id=owner, name="Max")


async def learned(she: Clara, owner: Owner, count: int) -> list[str]:
    async with asyncio.timeout(PATIENCE_S):
        while len(texts := await she.texts(owner)) < count:
            await asyncio.sleep(0.05)
    return texts


async def test_what_is_told_in_one_conversation_is_known_in_the_next_and_private(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with (
        clara(pool, pgvector) as (she, _),
        conversation(
            client,
            pool,
            start_worker,
            lambda prompt: f"You said: {last_text(prompt)}",
            tools=tools(she.memories),
            memory=activities(she),
        ) as talk,
    ):
        as_person(talk, owner)
        assert (await talk.ask("I like green tea")).status == "completed"
        assert await learned(she, owner, 1) == ["I like green tea"]
        other = Conversation(talk.door, talk.model)
        as_person(other, owner)
        await other.ask("which tea do I like?")
        read = talk.model.prompts[-1].messages[-1].text
        assert "- “I like green tea” (" in read
        assert read.endswith("which tea do I like?")
        await other.ask("and coffee?")
        assert "".join(m.text for m in talk.model.prompts[-1].messages).count("<memories>") <= 1
        await other.ask("which tea do I like, then?", private=False)
        assert "“I like green tea” (" not in talk.model.prompts[-1].messages[-1].text


async def test_a_turn_does_not_wait_for_embeddings_that_hang(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with (
        clara(pool, pgvector, embedder=Slow()) as (she, _),
        conversation(client, pool, start_worker, lambda prompt: "here", memory=activities(she)) as talk,
    ):
        as_person(talk, owner)
        turn = await talk.ask("hello")
        assert turn.reply == "here"
        result = await client.get_workflow_handle(turn.id).result()
        assert "similar memories could not be searched" in result["notice"]


async def test_learning_outlives_its_turn_its_worker_and_a_model_that_is_down(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with clara(pool, pgvector) as (she, server):
        honest, server.script = server.script, None  # whatever is asked, the answer is no JSON
        async with conversation(client, pool, start_worker, lambda prompt: "here", memory=activities(she)) as talk:
            as_person(talk, scope(owner))
            assert (await talk.ask("I like green tea")).status == "completed"
            await server.wait_until(lambda log: log)
        server.script = honest
        async with conversation(client, pool, start_worker, lambda prompt: "here", memory=activities(she)):
            assert await learned(she, owner, 1) == ["I like green tea"]
