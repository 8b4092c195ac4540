"""A conversation under test: the real workflows and activities, a model that does as it is told."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from activities.tools import builtin
from activities.tools.asking import Gate
from activities.tools.catalogue import Catalogue
from activities.tools.offers import Offers
from activities.tools.run import ToolActivities
from activities.tools.toolset import Toolset, fixed
from activities.turns.closing import TurnActivities
from activities.turns.step import StepActivities
from adapters.door import Door
from clara.llm.models import Completion, Prompt, Usage
from clara.messages import ConversationKey, Incoming, Message, Person, TextPart, ToolCallPart, ToolResultPart
from clara.settings import Settings, load
from store.database import Pool
from store.turns import turns
from store.turns.turns import Turn
from temporal.contracts.memory import Memory
from tests.gates import open_gate
from tests.patience import PATIENCE_S

Answer = Callable[[Prompt], Any]


class ScriptedModel:
    """A provider whose answers a test gives: a text, tool calls, an error, or a coroutine of these."""

    name = "scripted"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.prompts: list[Prompt] = []
        self.cancelled = 0

    async def complete(self, prompt: Prompt, model: str, load_image: Any, on_text: Any, on_tool: Any) -> Completion:
        self.prompts.append(prompt)
        try:
            given = self.answer(prompt)
            if asyncio.iscoroutine(given):
                given = await given
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(given, Exception):
            raise given
        if isinstance(given, str):
            on_text(given)
            given = (TextPart(text=given),)
        calls = any(isinstance(part, ToolCallPart) for part in given)
        usage = Usage(input_tokens=10, output_tokens=5, cost_usd=0.001)
        return Completion(parts=tuple(given), stop="tools" if calls else "end", usage=usage, model=model)

    async def close(self) -> None:
        """Nothing is open."""


class Models:
    """Providers, all of them the same scripted model."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model

    async def get(self, name: str) -> ScriptedModel:
        return self.model

    async def close(self) -> None:
        """Nothing is open."""


def last_text(prompt: Prompt) -> str:
    """What the person said last, without its heading."""
    return prompt.messages[-1].text.partition("\n")[2] or prompt.messages[-1].text


def results(prompt: Prompt) -> list[ToolResultPart]:
    """What the tools brought that were called so far."""
    return [part for message in prompt.messages for part in message.parts if isinstance(part, ToolResultPart)]


def call(name: str, call_id: str = "c1", **arguments: Any) -> tuple[ToolCallPart, ...]:
    return (ToolCallPart(id=call_id, name=name, arguments=arguments),)


def calls(*named: tuple[str, dict[str, Any]]) -> tuple[ToolCallPart, ...]:
    """Several calls of one answer."""
    return tuple(ToolCallPart(id=f"c{n}", name=name, arguments=given) for n, (name, given) in enumerate(named, 1))


class Conversation:
    """One conversation, spoken to through `Door`, as an adapter would."""

    def __init__(self, door: Door, model: ScriptedModel, user: str = "ann") -> None:
        self.door = door
        self.model = model
        self.key = ConversationKey(platform="cli", channel=f"{user}/{uuid.uuid4().hex[:12]}")
        self.user = Person(id=f"cli:{user}", name=user.title())
        self._count = 0

    def message(self, text: str, message_id: str | None = None, **more: Any) -> Incoming:
        self._count += 1
        return Incoming(
            id=message_id or f"m{self._count:05d}",
            conversation=self.key,
            user=self.user,
            text=text,
            sent_at=datetime.now(UTC),
            timezone="Europe/Berlin",
            **more,
        )

    async def say(self, text: str, message_id: str | None = None, **more: Any) -> str:
        return await self.door.say(self.message(text, message_id, **more))

    async def ended(self, turn_id: str, seconds: float = PATIENCE_S) -> Turn:
        async with asyncio.timeout(seconds):
            while True:
                turn = await self.door.store(turns.get, turn_id)
                if turn is not None and turn.status != "running":
                    return turn
                await asyncio.sleep(0.05)

    async def ask(self, text: str, **more: Any) -> Turn:
        return await self.ended(await self.say(text, **more))

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
        async with asyncio.timeout(seconds):
            while True:
                if condition():
                    return
                await asyncio.sleep(0.01)


def offers_of(pool: Pool, *toolsets: Toolset) -> Offers:
    """What turns are offered: the built-in tools and these."""
    catalogue = Catalogue()
    offers = Offers(pool, catalogue)
    catalogue.add((builtin.toolset(pool, offers), *toolsets))
    return offers


@asynccontextmanager
async def conversation(
    client: Any,
    pool: Pool,
    start_worker: Any,
    answer: Answer,
    tools: Any = (),
    settings: Settings | None = None,
    memory: Memory | None = None,
    toolsets: Sequence[Toolset] = (),
    gate: Gate | None = None,
    beside: Sequence[Callable[..., Any]] = (),
) -> AsyncIterator[Conversation]:
    """A worker whose model gives ``answer``, and a fresh conversation with it; with a memory if one is given.

    ``beside`` are further activities that the worker serves.
    """
    model = ScriptedModel(answer)
    offers = offers_of(pool, *toolsets, fixed("test", tools, core=True))
    llm = StepActivities(pool, settings or load({}), Models(model), offers)  # type: ignore[arg-type]
    tool_activities = ToolActivities(pool, offers, gate or open_gate(pool), "UTC")
    closing = TurnActivities(pool, client)
    tools_ = (tool_activities.run, tool_activities.lapse, tool_activities.settle)
    serving = [llm.step, *tools_, closing.close, closing.is_open, closing.settle, *beside]
    if memory is not None:
        serving += [memory.recall, memory.extract, memory.reconcile, memory.store, memory.give_up]
        serving += [memory.command, memory.reindex]
    async with start_worker(serving):
        yield Conversation(Door(client, pool, memory=memory is not None), model)


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]
