"""The composition root: from settings to the objects that do the work, each made once per process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client

from activities.llm.activities import LlmActivities
from activities.llm.providers import Providers
from activities.memory.activities import MemoryActivities
from activities.memory.asking import asker, route
from activities.memory.memories import Memories, open_memories
from activities.memory.tools import tools as memory_tools
from activities.tools import registry
from activities.tools.activities import ToolActivities
from activities.tools.registry import Toolbox
from activities.turns import TurnActivities
from clara.errors import Misconfigured
from clara.settings import Settings, environment
from store.database import Pool, open_pool
from store.payloads import PostgresPayloads
from temporal import client as temporal_client


@dataclass(frozen=True)
class Parts:
    """What a worker process is made of."""

    client: Client
    activities: Sequence[Callable[..., Any]]


@asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[Parts]:
    """Connect and build everything; closes it in reverse. Misconfigured if no stack is known."""
    runtime = settings.runtime
    if runtime.database_url is None:
        raise Misconfigured(f"DATABASE_URL: must be set, because no stack was set up in {runtime.home}")
    async with AsyncExitStack() as opened:
        pool = await open_pool(runtime.database_url)
        opened.push_async_callback(pool.close)
        models = Providers(settings.llm)
        opened.push_async_callback(models.close)
        memories = await opened.enter_async_context(open_memories(settings, pool))
        # The SDK takes seconds to import, and the first message after a restart should not wait for it.
        client, _ = await asyncio.gather(
            temporal_client.connect(environment(), runtime.temporal_address, [PostgresPayloads(pool)]),
            models.get(settings.llm.provider),
        )
        toolbox = registry.load(runtime.tool_modules, memory_tools(memories) if settings.memory.enabled else ())
        yield Parts(client, _activities(settings, pool, client, models, memories, toolbox))


def _activities(
    settings: Settings, pool: Pool, client: Client, models: Providers, memories: Memories, toolbox: Toolbox
) -> Sequence[Callable[..., Any]]:
    llm = LlmActivities(pool, settings, models, toolbox)
    tools = ToolActivities(pool, toolbox, settings.runtime.timezone)
    turns = TurnActivities(pool, client)
    extraction = route(settings)
    name = extraction.model if extraction else ""
    memory = MemoryActivities(memories, settings.memory, asker(settings, models, pool), name, client)
    return (
        *(llm.step, tools.run, tools.lapse, tools.settle, turns.close, turns.is_open, turns.settle),
        *(memory.recall, memory.extract, memory.reconcile, memory.store, memory.command),
    )
