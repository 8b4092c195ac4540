"""Remembering as a workflow: through crashes of attempts, without facts in its history."""

from decimal import Decimal

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError
from temporalio.testing import ActivityEnvironment

from activities.llm.providers import Providers
from activities.memory.activities import PATIENCE, MemoryActivities
from activities.memory.asking import asker
from clara.memory.kinds import Owner
from clara.memory.recall import RecallRequest
from clara.memory.requests import MemoryCommand, RememberRequest, StoreOutcome
from clara.settings import load
from store import budgets
from store.database import Pool
from store.memory import lessons
from store.memory.index import Index
from store.turns import turns
from temporal import queues
from tests.activities.memory.people import Clara, clara, message, told
from tests.conftest import StartWorker
from tests.loopback import memory_model
from tests.loopback.models.plan import Plan, Refusal, Reply
from tests.loopback.models.request import Request
from workflows.remember import MemoryCommandWorkflow, RememberWorkflow

WORKFLOWS = (RememberWorkflow, MemoryCommandWorkflow)


def activities(she: Clara) -> list[object]:
    ask = she.learner._ask
    made = MemoryActivities(she.memories, she.settings.memory, ask, "loopback")
    return [made.recall, made.extract, made.reconcile, made.store, made.give_up, made.command]


async def remember(client: Client, turn_id: str) -> StoreOutcome:
    return await client.execute_workflow(
        RememberWorkflow.run, RememberRequest(turn_id=turn_id), id=f"remember/{turn_id}", task_queue=queues.TURNS
    )


async def test_a_turn_is_learned_from_and_its_history_holds_no_facts(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _), start_worker(activities(she), workflows=WORKFLOWS):
        turn_id = await told(pool, message(owner, "I like Zanzibar tea. My sister is called Ana."))
        assert await remember(client, turn_id) == StoreOutcome(added=2)
        assert await she.texts(owner) == ["I like Zanzibar tea.", "My sister is called Ana."]
        history = await client.get_workflow_handle(f"remember/{turn_id}").fetch_history()
        assert "Zanzibar" not in history.to_json()
        again = await client.execute_workflow(
            RememberWorkflow.run,
            RememberRequest(turn_id=turn_id),
            id=f"remember/{turn_id}/again",
            task_queue=queues.TURNS,
        )
        assert again.added == 0
        assert (await turns.totals(pool, turn_id)).input_tokens > 0, "learning is paid for"
        assert len(await she.texts(owner)) == 2


async def test_a_model_that_fails_for_a_while_delays_and_loses_nothing(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    answers: list[Plan | None] = [
        Refusal(500, "api_error", "Oops."),
        Reply("Sorry, no."),
        Reply('{"facts": [], "relations": [', ending="cut"),
        None,
    ]

    def stumble(request: Request) -> Plan | None:
        return (answers.pop(0) if answers else None) or memory_model.answer(request)

    async with clara(pool, pgvector, stumble) as (she, server), start_worker(activities(she), workflows=WORKFLOWS):
        turn_id = await told(pool, message(owner, "I like green tea"))
        assert (await remember(client, turn_id)).added == 1
        assert len(server.log) == 4


async def test_a_model_that_never_answers_as_asked_fails_the_workflow_and_not_silently(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with (
        clara(pool, pgvector, lambda _: Reply("I'd rather not.")) as (she, server),
        start_worker(activities(she), workflows=WORKFLOWS),
    ):
        turn_id = await told(pool, message(owner, "I like green tea"))
        with pytest.raises(WorkflowFailureError) as raised:
            await remember(client, turn_id)
        assert isinstance(raised.value.cause, ActivityError)
        assert "green" not in str(raised.value.cause.cause)
        assert len(server.log) == PATIENCE


async def test_without_budget_no_model_is_asked_and_the_person_hears_why(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    await budgets.set_limit(pool, owner, "person-day-tokens", Decimal(100))
    try:
        async with clara(pool, pgvector) as (she, server), start_worker(activities(she), workflows=WORKFLOWS):
            turn_id = await told(pool, message(owner, "I like green tea"))
            with pytest.raises(WorkflowFailureError):
                await remember(client, turn_id)
            assert server.log == []
            status = (await she.do(owner, "status")).text
            assert "I could not learn from 1 of your messages" in status
            assert "there was no budget left for it." in status
    finally:
        await budgets.drop_limit(pool, owner, "person-day-tokens")


async def test_a_command_from_an_adapter(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async def do(command: MemoryCommand) -> str:
        reply = await client.execute_workflow(
            MemoryCommandWorkflow.run, command, id=f"memory/{owner}/{command.name}", task_queue=queues.TURNS
        )
        return reply.text

    async with clara(pool, pgvector) as (she, _), start_worker(activities(she), workflows=WORKFLOWS):
        assert "I will remember that" in await do(MemoryCommand(user_id=owner, name="add", argument="likes tea"))
        assert "likes tea" in await do(MemoryCommand(user_id=owner, name="search", argument="tea"))
        assert "no memory with that id" in await do(MemoryCommand(user_id=owner, name="forget", argument="00000000"))


async def test_recall_as_an_activity_keeps_what_it_found(
    client: Client, pool: Pool, pgvector: Index, start_worker: StartWorker, owner: Owner
) -> None:
    async with clara(pool, pgvector) as (she, _):
        await she.do(owner, "add", "likes green tea")
        made = MemoryActivities(she.memories, she.settings.memory, None)
        request = RecallRequest.of(message(owner, "which tea do I like?"))
        outcome = await ActivityEnvironment().run(made.recall, request)
        assert (outcome.count, outcome.notice, outcome.learn) == (1, "", False)  # nobody to learn with
        assert (await lessons.recall_of(pool, request.turn_id))[0][0].text == "likes green tea"
        learning = MemoryActivities(she.memories, she.settings.memory, she.learner._ask)
        assert (await ActivityEnvironment().run(learning.recall, request)).learn
        small_talk = RecallRequest.of(message(owner, "ok thanks"))
        assert not (await ActivityEnvironment().run(learning.recall, small_talk)).learn


async def test_without_a_key_there_is_no_model_to_extract(pool: Pool) -> None:
    settings = load({})
    assert asker(settings, Providers(settings.llm), pool) is None
    chosen = load({"ANTHROPIC_API_KEY": "x", "MEM0_MODEL": "tiny"})
    assert asker(chosen, Providers(chosen.llm), pool) is not None
