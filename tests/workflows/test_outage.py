"""A database that is away for longer than any patience: nothing fails, and all is answered when it is back.

The limits are those of production, scaled down: a model's patience of two minutes' tries becomes a second.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from activities.tools.tool import Arguments, Context, Tool
from adapters.door import Door
from clara.llm.models import Prompt
from clara.messages import MESSAGE_LIMIT
from store.database import Pool, open_pool
from store.payloads import PostgresPayloads
from temporal import client as temporal_client
from temporal import ids, policies
from temporal.processes import interceptor
from temporal.processes.runner import workflow_runner
from tests.conftest import StartWorker
from tests.proxy import Cable, cable
from tests.workflows.conversations import Conversation, call, conversation, last_text, results
from workflows import patience


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every policy of a few tries, and short pauses."""
    for name in ("MODEL", "STORE"):
        monkeypatch.setattr(policies, name, replace(getattr(policies, name), attempts=3))
    monkeypatch.setattr(policies, "TOOL_ATTEMPTS", 2)
    monkeypatch.setattr(interceptor, "PAUSE", timedelta(seconds=0.1))
    monkeypatch.setattr(patience, "PAUSE", timedelta(seconds=0.2))


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Cable]:
    async with cable(database_url) as made:
        yield made


@pytest.fixture
async def far(line: Cable) -> AsyncIterator[Pool]:
    """The database at the other end of the cable."""
    pool = await open_pool(line.url)
    pool.timeout = 1
    yield pool
    await pool.close()


class Thing(Arguments):
    thing: str


OUTAGE_S = 12


@pytest.mark.parametrize("cut_in", ["model", "tool"])
async def test_messages_outlast_a_database_that_is_away(
    cut_in: str, client: Client, pool: Pool, far: Pool, line: Cable, start_worker: StartWorker, short: None
) -> None:
    used: list[str] = []

    async def use(arguments: Thing, context: Context) -> str:
        used.append(arguments.thing)
        if cut_in == "tool" and line.cuts == 0:
            line.cut()
        return "done"

    async def answer(prompt: Prompt) -> Any:
        text = last_text(prompt)
        if text == "use" and not any(p.type == "tool_result" for p in prompt.messages[-1].parts):
            return call("use", thing="it")
        if text == "slow" and cut_in == "model" and line.cuts == 0:
            line.cut()
        return f"re {text}" if not results(prompt) else "used"

    # Watched workflows are imported anew and would not see the shorter pauses.
    unwatched = partial(start_worker, workflow_runner=workflow_runner())
    async with conversation(client, far, unwatched, answer, [Tool("use", "Uses.", Thing, use)]) as talk:
        near = Conversation(Door(client, pool, memory=False), talk.model)
        near.key = talk.key
        first = await near.say("slow")
        later = [await near.say(text) for text in ("use", "hello")]
        await talk.until(lambda: line.cuts)
        await asyncio.sleep(OUTAGE_S)
        handle = client.get_workflow_handle(ids.conversation_id(talk.key))
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        line.mend()
        turns = [await near.ended(turn_id, 60) for turn_id in (first, *later)]
        assert [turn.status for turn in turns] == ["completed"] * 3
        assert turns[0].reply == "re slow"
        assert set(used) == {"it"}


async def test_longest_message_is_accepted_while_the_database_is_away(
    temporal_address: str, client: Client, pool: Pool, far: Pool, line: Cable, start_worker: StartWorker
) -> None:
    line.cut()
    cut_off = await temporal_client.connect({}, temporal_address, [PostgresPayloads(far)])
    async with conversation(client, pool, start_worker, lambda prompt: "ok") as talk:
        door = Door(cut_off, far, memory=False)
        text = "".join(chr(0x4E00 + n % 5_000) for n in range(MESSAGE_LIMIT))
        turn = await talk.ended(await door.say(talk.message(text)))
        assert (turn.message.text, turn.reply) == (text, "ok")
