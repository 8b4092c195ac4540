"""More than a conversation can hold: what is accepted is answered, what is too much is refused in words."""

import asyncio

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

import workflows.conversations.conversation
from clara.conversation import UNREAD_BYTES, WAITING_BYTES, Stop
from clara.errors import InboxFull
from clara.llm.models import Prompt
from clara.messages import MESSAGE_LIMIT
from store.database import Pool
from store.turns import turns
from temporal import ids
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, conversation, last_text

LARGE = MESSAGE_LIMIT
LETTER = "\N{SLIGHTLY SMILING FACE}"
BYTES = LARGE * len(LETTER.encode())
"""Of a message of the longest kind; a few of them fill what is counted in bytes."""


EVENTS = 100
"""Of one run, where a test waits for the next one."""


class Gate:
    """A model that answers the first message only when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def answer(self, prompt: Prompt) -> str:
        text = last_text(prompt)[:12].strip()
        if text == "first":
            await self.open.wait()
        return f"re {text}"


async def _flood(talk: Conversation, count: int, size: int) -> tuple[list[str], int]:
    """Say so many messages of so many characters: the ids of the accepted ones, and how many were refused."""
    accepted: list[str] = []
    refused = 0
    for n in range(count):
        try:
            accepted.append(await talk.say(f"n{n:<11}".ljust(size, LETTER), f"n{n}"))
        except InboxFull:
            refused += 1
    return accepted, refused


@pytest.mark.timeout(600)
async def test_large_messages_while_a_turn_runs_are_answered_or_refused(
    client: Client, pool: Pool, start_unwatched: StartWorker
) -> None:
    gate = Gate()
    async with conversation(client, pool, start_unwatched, gate.answer) as talk:
        first = await talk.say("first")
        await talk.until(lambda: talk.model.prompts)
        accepted, refused = await _flood(talk, 60, LARGE)
        assert refused
        assert len(accepted) >= 0.9 * WAITING_BYTES / BYTES, "8 MiB are taken"
        gate.open.set()
        assert (await talk.ended(first)).reply == "re first"
        await talk.ended(accepted[-1], 300)
        answered = await turns.recent(pool, talk.key, 100)
        assert [turn.id for turn in answered] == [first, *accepted]
        assert {turn.status for turn in answered} == {"completed"}
        assert (await talk.ask("and now")).status == "completed", "there is room again"


@pytest.mark.timeout(600)
async def test_large_messages_that_no_worker_reads_are_answered_or_refused(
    client: Client, pool: Pool, start_unwatched: StartWorker
) -> None:
    async with conversation(client, pool, start_unwatched, Gate().answer) as talk:
        pass  # its worker has ended
    accepted, refused = await _flood(talk, 60, LARGE)
    assert refused
    assert len(accepted) >= 0.9 * UNREAD_BYTES / BYTES, "16 MiB are taken"
    async with conversation(client, pool, start_unwatched, Gate().answer):
        await talk.ended(accepted[-1], 300)
    answered = await turns.recent(pool, talk.key, 100)
    assert [turn.id for turn in answered] == accepted


@pytest.mark.timeout(300)
async def test_conversation_continues_as_new_while_a_turn_runs(
    client: Client, pool: Pool, start_unwatched: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.conversations.conversation, "HISTORY_LIMIT", EVENTS)
    gate = Gate()
    async with conversation(client, pool, start_unwatched, gate.answer) as talk:
        first = await talk.say("first")
        await talk.until(lambda: talk.model.prompts)
        accepted, refused = await _flood(talk, 2 * EVENTS, 20)
        assert not refused
        query = f"WorkflowId = '{ids.conversation_id(talk.key)}' and ExecutionStatus = 'ContinuedAsNew'"
        async with asyncio.timeout(PATIENCE_S):
            while not [run async for run in client.list_workflows(query)]:
                await asyncio.sleep(0.2)
        assert await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(first)).status == "stopped", "a later run stops what an earlier one began"
        await talk.ended(accepted[19])
        assert (await client.get_workflow_handle(first).describe()).status is WorkflowExecutionStatus.CANCELED
        await client.get_workflow_handle(ids.conversation_id(talk.key)).terminate()
