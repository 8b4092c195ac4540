"""Memory: what is recalled, learned and asked for, and the model's own tools for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.memory.activities import MemoryActivities
from activities.memory.asking import asker, route
from activities.memory.opening import open_memories
from activities.memory.reindexing import keep_indexed, keep_removed
from activities.memory.tools import tools
from activities.tools.toolset import fixed
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

OFF = "memory is switched off (MEMORY_ENABLED)"


@asynccontextmanager
async def memory(services: Services) -> AsyncIterator[Share]:
    settings = services.settings
    async with open_memories(settings, services.pool) as memories:
        extraction = route(settings)
        ask = asker(settings, services.models, services.pool)
        name = extraction.model if extraction else ""
        serving = MemoryActivities(memories, settings.memory, ask, name, services.client)
        own = tools(memories)
        missing = {} if settings.memory.enabled else dict.fromkeys((tool.name for tool in own), OFF)
        looking = keep_indexed(memories, settings, services.client) if settings.memory.enabled else asyncio.sleep(0)
        async with beside(making_vectors_of_memories=looking, removing_what_was_forgotten=keep_removed(memories)):
            yield Share(
                activities=(
                    serving.recall,
                    serving.extract,
                    serving.reconcile,
                    serving.store,
                    serving.give_up,
                    serving.command,
                    serving.reindex,
                ),
                toolsets=(fixed("memory", () if missing else own, core=True, missing=missing),),
            )
