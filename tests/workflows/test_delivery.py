"""Replies that an adapter sends: in order, and none of them keeps the next message waiting for long."""

import asyncio
import uuid
from datetime import timedelta
from functools import partial

import pytest
from temporalio import activity
from temporalio.client import Client

from clara.turn import Delivery
from store.database import Pool
from temporal.contracts.delivery import Adapter
from temporal.processes.runner import workflow_runner
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation, last_text
from workflows.turns import turn


class Platform(Adapter):
    """An adapter that can be held up."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.free = asyncio.Event()

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        await self.free.wait()
        self.sent.append(delivery.turn_id)


async def test_next_message_begins_after_the_reply_was_sent(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    platform, queue = Platform(), f"deliver-{uuid.uuid4().hex}"
    async with (
        conversation(client, pool, start_worker, last_text) as talk,
        start_worker([platform.deliver], queue, workflows=[]),
    ):
        first = await talk.say("one", deliver_to=queue)
        second = await talk.say("two", deliver_to=queue)
        await talk.ended(first)
        await asyncio.sleep(1)
        assert len(talk.model.prompts) == 1, "two waits for the reply to one"
        platform.free.set()
        await talk.ended(second)
        await talk.until(lambda: platform.sent == [first, second])


async def test_reply_that_cannot_be_sent_does_not_keep_the_next_message_waiting(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "HELD_UP", timedelta(seconds=0.5))
    platform, queue = Platform(), f"deliver-{uuid.uuid4().hex}"
    async with (
        # Watched workflows are imported anew and would not see the shorter time.
        conversation(client, pool, partial(start_worker, workflow_runner=workflow_runner()), last_text) as talk,
        start_worker([platform.deliver], queue, workflows=[]),
    ):
        first = await talk.say("one", deliver_to=queue)
        assert (await talk.ask("two")).reply == "two"
        assert platform.sent == []
        platform.free.set()
        await talk.until(lambda: platform.sent == [first])
