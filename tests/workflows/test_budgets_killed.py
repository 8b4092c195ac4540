"""A worker that is killed between reserving and settling: what it reserved holds nobody up, and counts once."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from temporalio.client import Client

from adapters.door import Door
from clara.budgets import Budget, day_of
from clara.memory.kinds import Owner
from clara.messages import Person
from clara.settings import load
from store import budgets
from store.budgets import Terms
from store.database import Pool
from tests.loopback.models import ModelServer
from tests.loopback.models.plan import Plan, Reply
from tests.loopback.models.request import Request
from tests.workflows.conversations import Conversation, ScriptedModel
from tests.workflows.workers import worker_processes

ONE_CALL = Decimal(14_000)
"""Tokens: an answer may have 8,192, and with the prompt a second call has no room beside the first."""


async def test_the_reservation_of_a_killed_worker_is_taken_over(
    client: Client, pool: Pool, owner: Owner, tmp_path: Path, database_url: str, temporal_address: str
) -> None:
    asked: list[Request] = []

    def script(request: Request) -> Plan:
        asked.append(request)
        return Reply("There you are.", pause_s=60 if len(asked) == 1 else 0)

    async def standing() -> Budget:
        terms = Terms.of(load({}).budgets, day_of(datetime.now(UTC), "UTC"))
        [budget] = await budgets.standing(pool, owner, terms)
        return budget

    await budgets.set_limit(pool, owner, "person-day-tokens", ONE_CALL)
    try:
        async with (
            ModelServer(script) as models,
            worker_processes(tmp_path, database_url, temporal_address, models.url, "") as workers,
        ):
            talk = Conversation(Door(client, pool, memory=False), ScriptedModel(lambda _: "not asked"))
            talk.user = Person(id=owner, name="Ann")
            first = await workers.start()
            turn_id = await talk.say("hello")
            await talk.until(lambda: asked, 60)
            held = await standing()
            assert held.reserved > ONE_CALL / 2, "a second call has no room beside it"
            first.kill()
            await asyncio.gather(first.wait(), workers.start())
            turn = await talk.ended(turn_id, 80)
            assert (turn.reply, len(asked)) == ("There you are.", 2)
            settled = await standing()
            assert (settled.reserved, 0 < settled.used < held.reserved) == (0, True)
    finally:
        await budgets.drop_limit(pool, owner, "person-day-tokens")
