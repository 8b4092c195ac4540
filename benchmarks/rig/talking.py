"""Saying messages, ours and the baseline's, and timing what comes of them."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHandle

from benchmarks.rig.floor import QUEUE, Floor
from benchmarks.rig.listening import PLATFORM, Heard
from benchmarks.rig.stack import Stack
from clara.messages import ConversationKey, Incoming, Person

TURN_S = 120
S1 = "How are you today? I would like to hear something about the weather in the mountains, and about the lake."
S2 = f"{S1} use current_time {{}}"


class Talk:
    """One conversation, from the person's side. Without memory, unless memory is to be measured."""

    def __init__(self, stack: Stack, name: str = "", memory: bool = False) -> None:
        self._stack = stack
        self._memory = memory
        self.key = ConversationKey(platform=PLATFORM, channel=f"bench/{name or uuid.uuid4().hex[:8]}")
        self._count = 0

    async def say(self, text: str) -> Heard:
        """Hand over a message; what is heard of its turn fills the returned object."""
        self._count += 1
        message = Incoming(
            id=f"m{self._count:05d}",
            conversation=self.key,
            user=Person(id=f"{PLATFORM}:bench", name="Bench"),
            text=text,
            sent_at=datetime.now(UTC),
            timezone="Europe/Berlin",
            memory=self._memory,
        )
        heard = self._stack.listener.expect(message.turn_id)
        heard.said, heard.said_wall = time.monotonic(), time.time()
        await self._stack.door.say(message)
        return heard

    async def ask(self, text: str) -> Heard:
        """Say it and wait for the reply."""
        heard = await self.say(text)
        await asyncio.wait_for(heard.done.wait(), TURN_S)
        return heard


@dataclass(frozen=True)
class Closed:
    """One workflow of ours or of the baseline; seconds from its start."""

    workflow_id: str
    visible: float
    """Until whoever asked could read the outcome."""
    closed: float
    """Until the workflow had closed, by the server's own note of it."""


async def ask_ours(stack: Stack, talk: Talk, text: str) -> Closed:
    """A turn of Clara's; returns when its workflow has closed."""
    heard = await talk.ask(text)
    handle = stack.client.get_workflow_handle(heard.turn_id)
    await asyncio.wait_for(handle.result(), TURN_S)
    return Closed(heard.turn_id, heard.seconds, await _closed_at(handle) - heard.said_wall)


async def ask_floor(stack: Stack, activities: int) -> Closed:
    """The baseline with so many empty activities."""
    began, began_wall = time.monotonic(), time.time()
    workflow_id = f"floor/{uuid.uuid4().hex}"
    handle = await stack.client.start_workflow(Floor.run, activities, id=workflow_id, task_queue=QUEUE)
    await asyncio.wait_for(handle.result(), TURN_S)
    visible = time.monotonic() - began
    return Closed(workflow_id, visible, await _closed_at(handle) - began_wall)


async def _closed_at(handle: WorkflowHandle[Any, Any]) -> float:
    description = await handle.describe()
    assert description.close_time is not None
    return description.close_time.timestamp()
