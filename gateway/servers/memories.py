"""Clara's memories for the length of one command. Imported when a command needs them, because it takes a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from psycopg import AsyncConnection

from activities.memory.memories import Memories
from activities.memory.opening import open_memories
from clara.invocation import call
from clara.settings import load
from gateway.errors import NotRunning
from gateway.servers.reached import reached
from store.database import CONNECT_TIMEOUT_S, open_pool

T = TypeVar("T")


def use(work: Callable[[Memories], Awaitable[T]]) -> T:
    """What ``work`` returns; NotRunning where there is no database, or none that answers."""

    async def done() -> T:
        async with opened() as memories:
            return await work(memories)

    with reached():
        return asyncio.run(done())


@asynccontextmanager
async def opened() -> AsyncIterator[Memories]:
    settings = load()
    url = settings.runtime.database_url
    if url is None:
        raise NotRunning(f"There is no database yet. Start Clara with: {call('start')}")
    # A pool would try for ten seconds; who types a command hears at once that nobody answers.
    await (await AsyncConnection.connect(url, connect_timeout=CONNECT_TIMEOUT_S)).close()
    pool = await open_pool(url, max_size=4)
    try:
        async with open_memories(settings, pool) as memories:
            yield memories
    finally:
        await pool.close()
