"""A conversation of activities alone: its steps and tools run one by one, without workflows."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.tools.asking import Gate
from activities.tools.run import ToolActivities
from activities.tools.toolset import Toolset
from activities.turns.context import ContextBuilder, ContextWindow
from activities.turns.step import StepActivities
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import load
from clara.turn import StepRequest, ToolRequest
from store.database import Pool
from store.turns import turns
from store.turns.turns import Turn
from temporal.processes.heartbeat import heartbeats
from tests.gates import open_gate
from tests.workflows.conversations import Answer, Models, ScriptedModel, offers_of

BUDGET = 120_000
LIMIT = 12_000


class Spoken:
    def __init__(self, pool: Pool, answer: Answer, toolsets: Sequence[Toolset] = (), gate: Gate | None = None) -> None:
        offers = offers_of(pool, *toolsets)
        self.pool = pool
        self.steps = StepActivities(pool, load({}), Models(ScriptedModel(answer)), offers)  # type: ignore[arg-type]
        self.tools = ToolActivities(pool, offers, gate or open_gate(pool), "UTC")
        self.key = ConversationKey(platform="cli", channel=f"ann/{uuid.uuid4().hex[:12]}")
        self.user = Person(id=f"cli:{uuid.uuid4().hex[:12]}", name="Ann")
        self._count = 0

    def message(self, text: str, **more: Any) -> Incoming:
        self._count += 1
        said = {"sent_at": datetime.now(UTC), "memory": False, **more}
        return Incoming(id=f"m{self._count}", conversation=self.key, user=self.user, text=text, **said)

    async def ask(self, text: str, **more: Any) -> Turn:
        """A whole turn: the model and its tools, until there is an answer."""
        message = self.message(text, **more)
        step, outcome = 0, await self.step(message, 0)
        while outcome.calls:
            for call in outcome.calls:
                await self._run(self.tools.run, ToolRequest(turn_id=message.turn_id, step=step, call=call))
            step += 1
            outcome = await self.step(message, step)
        return await self.turn(message)

    async def waits(self, message: Incoming) -> bool:
        """Whether a turn comes to a call that waits, before it has an answer."""
        step, outcome = 0, await self.step(message, 0)
        while outcome.calls:
            for call in outcome.calls:
                ran = await self._run(self.tools.run, ToolRequest(turn_id=message.turn_id, step=step, call=call))
                if ran.waits is not None:
                    return True
            step += 1
            outcome = await self.step(message, step)
        return False

    async def step(self, message: Incoming, step: int) -> Any:
        incoming = None if step else message
        return await self._run(self.steps.step, StepRequest(turn_id=message.turn_id, step=step, incoming=incoming))

    async def turn(self, message: Incoming) -> Turn:
        found = await turns.get(self.pool, message.turn_id)
        assert found is not None
        return found

    async def window(self, builder: ContextBuilder, turn: Turn) -> ContextWindow:
        return await builder.build(turn, BUDGET, LIMIT)

    async def _run(self, activity: Any, request: Any) -> Any:
        async def beating(given: Any) -> Any:
            async with heartbeats():
                return await activity(given)

        return await ActivityEnvironment().run(beating, request)
