"""Workers that are killed anywhere between a question and the effect of its yes: once, or not at all without a yes.

CLARA_KILLS sets how many; ``make chaos`` takes 50.
"""

import asyncio
import os
import uuid
from random import Random

import pytest
from temporalio.client import Client

from adapters.door import Door
from store import approvals
from store.approvals import Approval
from store.database import Pool
from tests.chaos.world import World
from tests.workflows.conversations import Conversation, ScriptedModel
from tests.workflows.workers import Workers

KILLS = int(os.environ.get("CLARA_KILLS", "3"))
AT_ONCE = 4
"""Conversations that are at it while a worker is killed, each at another point."""

LATEST_S = 0.6
"""After the yes the effect takes about half of that."""

pytestmark = pytest.mark.timeout(300 + 30 * KILLS)


async def question(pool: Pool, turn_id: str) -> Approval:
    async with asyncio.timeout(90):
        while True:
            found = (await approvals.of_step(pool, turn_id, 0)).values()
            for each in found:
                return each
            await asyncio.sleep(0.01)


async def test_the_effect_of_a_yes_happens_once_and_none_without_it(
    world: World, workers: Workers, client: Client, pool: Pool
) -> None:
    random = Random(7)
    door, model = Door(client, pool, memory=False), ScriptedModel(lambda _: "not asked")
    talks = [Conversation(door, model) for _ in range(AT_ONCE)]

    async def one(talk: Conversation) -> tuple[str, bool]:
        name = f"thing-{uuid.uuid4().hex[:8]}"
        turn_id = await talk.say(f'use announce {{"name": "{name}"}}')
        asked = await question(pool, turn_id)
        await asyncio.sleep(random.uniform(0, LATEST_S))
        assert world.begun[f"/{name}"] == 0, "nobody has said yes yet"
        allowed = random.random() < 0.75
        assert await talk.door.answer([asked.id], allowed, "once", talk.user.id)
        reply = (await talk.ended(turn_id, 120)).reply or ""
        assert (f"{name} is recorded" in reply) == allowed, reply
        return name, allowed

    async def kill_one() -> None:
        await asyncio.sleep(random.uniform(0.2, 1 + 2 * LATEST_S))
        workers.newest.kill()
        await workers.newest.wait()
        await workers.start()

    await workers.start()
    for _ in range(KILLS):
        killing = asyncio.create_task(kill_one())
        said = await asyncio.gather(*(one(talk) for talk in talks))
        await killing
        for name, allowed in said:
            assert world.effects[f"/{name}"] == (1 if allowed else 0)
