"""Commands about memory through Temporal: no history holds their words, and what failed is told to its person."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client, WorkflowFailureError

from activities.memory.activities import PATIENCE, MemoryActivities
from adapters.door import Door
from adapters.door.memory import SILENT
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand
from clara.messages import ConversationKey
from store.database import Pool, open_pool
from store.memory import faults, lessons, requests
from store.memory.index import Index
from temporal import queues
from tests.activities.memory.people import Clara, clara, message, told
from tests.conftest import StartWorker
from tests.loopback.models.plan import Reply
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.workflows.test_memory_workflows import activities, remember
from workflows.remember import MemoryCommandWorkflow

KEY = ConversationKey(platform="cli", channel="me/main")


@asynccontextmanager
async def served(pool: Pool, pgvector: Index, start_worker: StartWorker) -> AsyncIterator[Clara]:
    async with clara(pool, pgvector) as (she, _):
        made = MemoryActivities(she.memories, she.settings.memory, she.learner._ask, "loopback")
        await she.do("cli:warm", "add", "I like tea")  # the first vector of a process takes long on a busy machine
        async with start_worker([made.command, made.give_up]):
            yield she


async def left(pool: Pool) -> int:
    async with pool.connection() as connection:
        row = await (await connection.execute("select count(*) as n from memory_requests")).fetchone()
    assert row is not None
    return int(row["n"])


async def histories(client: Client, owner: Owner) -> str:
    """All that Temporal has of somebody's commands."""
    found = []
    async for each in client.list_workflows(f"WorkflowId starts_with 'memory/{owner}/'"):
        found.append((await client.get_workflow_handle(each.id).fetch_history()).to_json())
    return "".join(found)


async def test_no_history_holds_the_words_of_a_command_or_of_its_answer(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    door = Door(client, pool)
    before = await left(pool)
    async with served(pool, pgvector, start_worker) as she:
        added = await door.memory(owner, KEY, "add", "I own a Quagga stamp")
        assert "I own a Quagga stamp" in added.text
        for action, text in (("list", ""), ("search", "Quagga"), ("export", ""), ("undo", "")):
            assert "Quagga" in (await door.memory(owner, KEY, action, text)).text, action
        memory_id = (await she.do(owner, "export")).data["memories"][0]["id"]
        assert "Quagga" in (await door.memory(owner, KEY, "why", memory_id)).text
        assert "not the id" in (await door.memory(owner, KEY, "forget", "Quagga")).text
        assert "Quagga" in (await door.memory(owner, KEY, "forget", memory_id)).text
        gone = await door.memory(owner, KEY, "forget-me", "yes")
        assert (gone.is_forgotten, "I have forgotten you" in gone.text) == (True, True)
        refused = await door.memory(owner, KEY, "forget-me", "")
        assert (refused.is_forgotten, "Please confirm it" in refused.text) == (False, True)
    async with asyncio.timeout(PATIENCE_S):  # the list of workflows lags behind
        while (await histories(client, owner)).count('"workflowExecutionStartedEventAttributes"') < 9:
            await asyncio.sleep(0.2)
    assert "Quagga" not in await histories(client, owner)
    assert await left(pool) == before, "words are kept only while a command is carried out"


async def test_a_command_of_a_former_release_is_still_carried_out(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with served(pool, pgvector, start_worker):
        reply = await client.execute_workflow(
            MemoryCommandWorkflow.run,
            MemoryCommand(user_id=owner, name="add", argument="I like green tea"),
            id=f"memory/{owner}/old",
            task_queue=queues.TURNS,
        )
        assert "I like green tea" in reply.text


async def test_what_nobody_carries_out_leaves_no_words(
    client: Client, pool: Pool, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.door.memory.LIMIT_S", 1)
    before = await left(pool)
    assert (await Door(client, pool).memory(owner, KEY, "add", "I own a Quagga stamp")).text == SILENT
    assert await left(pool) == before


async def test_a_command_that_its_person_overtook_by_forget_me_adds_nothing(
    pool: Pool, pgvector: Index, owner: Owner
) -> None:
    from activities.memory import commands

    async with clara(pool, pgvector) as (she, _):
        command = MemoryCommand(user_id=owner, name="add", reference=f"memory/{owner}/gone")
        assert "forgotten" in (await commands.run_kept(she.memories, command)).text
        assert await she.texts(owner) == []


async def test_what_could_not_be_learned_is_told_to_its_person_and_to_nobody_else(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner, stranger: Owner
) -> None:
    async with (
        clara(pool, pgvector, lambda _: Reply("I'd rather not.")) as (she, _),
        start_worker(activities(she)),
    ):
        for words in ("I like green tea", "I live in Oslo"):
            turn_id = await told(pool, message(owner, words))
            with pytest.raises(WorkflowFailureError):
                await remember(client, turn_id)
        status = await she.do(owner, "status")
        assert "I could not learn from 2 of your messages since" in status.text
        assert "the model's answers were not usable" in status.text
        assert "answers of loopback" in status.text
        assert "could not learn" not in (await she.do(stranger, "status")).text
        counted = (await faults.malformed(pool, 7, owner))[0]
        assert 2 <= counted.malformed <= 2 * PATIENCE, "on a busy machine an attempt may end before it is counted"
        assert await lessons.get(pool, turn_id) is None
        await she.do(owner, "forget-me", confirmed=True)
        assert await faults.lost(pool, owner) is None


async def test_a_model_that_is_refused_is_another_reason(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    from tests.loopback.models.plan import Refusal

    refusal = Refusal(401, "authentication_error", "No.")
    async with clara(pool, pgvector, lambda _: refusal) as (she, _), start_worker(activities(she)):
        with pytest.raises(WorkflowFailureError):
            await remember(client, await told(pool, message(owner, "I like green tea")))
        assert "from 1 of your messages" in (await she.do(owner, "status")).text
        assert "the model could not be used" in (await she.do(owner, "status")).text


async def test_without_the_database_a_command_is_answered_in_words(
    client: Client, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.door.memory.LIMIT_S", 2)
    away = await open_pool(f"postgresql://clara@127.0.0.1:{free_port()}/postgres")
    try:
        assert (await Door(client, away).memory(owner, KEY, "why", "I own a Quagga stamp")).text == SILENT
    finally:
        await away.close()
    assert "Quagga" not in await histories(client, owner)


async def test_an_attempt_that_repeats_add_says_the_same(pool: Pool, pgvector: Index, owner: Owner) -> None:
    from activities.memory import commands

    async with clara(pool, pgvector) as (she, _):
        for _ in range(2):  # the first was killed before it could keep its answer
            command = MemoryCommand(user_id=owner, name="add", reference=f"memory/{owner}/1")
            await requests.keep(pool, f"memory/{owner}/1", owner, "I own a Quagga stamp")
            await commands.run_kept(she.memories, command)
            reply = await requests.take(pool, f"memory/{owner}/1", owner)
            assert reply is not None
            assert reply.text.startswith("I will remember that")
        assert await she.texts(owner) == ["I own a Quagga stamp"]
        assert (await she.do(owner, "add", "I own a Quagga stamp")).text.startswith("I knew that already")
