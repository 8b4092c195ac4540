"""Persons under test: what they told, and a Clara who learns from it with a real provider's client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count

from activities.llm.providers import Providers
from activities.memory.asking import asker
from activities.memory.embedding import Embedder
from activities.memory.graph import Graph
from activities.memory.learning import Learner
from activities.memory.memories import Memories
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand, MemoryReply, StoreOutcome
from clara.messages import ConversationKey, Incoming, Person, Quoted
from clara.settings import Settings, load
from store.database import Pool
from store.memory.index import Index
from store.turns import turns
from tests.loopback import memory_model
from tests.loopback.models import KEY, ModelServer
from tests.loopback.models.plan import Script

_NUMBERS = count(1)


def message(
    owner: Owner,
    text: str,
    private: bool = True,
    project: str | None = None,
    name: str = "Max",
    quoted: tuple[Quoted, ...] = (),
    channel: str = "",
) -> Incoming:
    number = next(_NUMBERS)
    return Incoming(
        id=f"m{number}",
        conversation=ConversationKey(platform="cli", channel=f"memory-{owner.partition(':')[2]}{channel}"),
        user=Person(id=owner, name=name),
        text=text,
        sent_at=datetime.now(UTC),
        private=private,
        project=project,
        quoted=quoted,
    )


async def told(pool: Pool, said: Incoming, reply: str = "I see.") -> str:
    """Record a turn that has ended, as the spine does; returns its id."""
    turn = await turns.begin(pool, said)
    async with pool.connection() as connection:
        await turns.complete(connection, turn.id, said.conversation.id, reply)
    return turn.id


class Clara:
    """What the worker's process has, as far as memory goes."""

    def __init__(self, memories: Memories, settings: Settings, models: Providers) -> None:
        self.memories = memories
        self.settings = settings
        self.learner = Learner(memories, asker(settings, models, memories.pool), "loopback")

    async def learn(self, said: Incoming) -> StoreOutcome:
        """Everything that happens after a reply."""
        turn_id = await told(self.memories.pool, said)
        await self.learner.extract(turn_id)
        await self.learner.reconcile(turn_id)
        return await self.learner.store(turn_id)

    async def do(self, owner: str, name: str, argument: str = "", **options: object) -> MemoryReply:
        from activities.memory import commands

        given = {"user_id": owner, "name": name, "argument": argument, **options}
        return await commands.run(self.memories, MemoryCommand.model_validate(given))

    async def texts(self, owner: Owner) -> list[str]:
        return sorted(memory["text"] for memory in (await self.do(owner, "list")).data)


@asynccontextmanager
async def clara(
    pool: Pool,
    index: Index,
    script: Script | None = memory_model.answer,
    embedder: Embedder | None = None,
    graph: Graph | None = None,
) -> AsyncIterator[tuple[Clara, ModelServer]]:
    """A Clara whose model is on loopback, and that model; without an ``embedder`` she finds by words only."""
    async with ModelServer(script) as server:
        settings = load(
            {
                "CUSTOM_OPENAI_API_KEY": KEY,
                "CUSTOM_OPENAI_BASE_URL": server.openai_url,
                "CUSTOM_OPENAI_MODEL_LOW": "echo",
            }
        )
        models = Providers(settings.llm)
        try:
            yield Clara(Memories(pool, index, embedder, graph), settings, models), server
        finally:
            await models.close()
