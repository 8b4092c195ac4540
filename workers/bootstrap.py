"""The composition root: from settings to the objects that do the work, each made once per process."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client

from activities.llm.activities import LlmActivities
from activities.llm.providers import Providers
from activities.tools import registry
from activities.tools.activities import ToolActivities
from activities.turns import TurnActivities
from clara.errors import Misconfigured
from clara.settings import Settings, environment
from store.database import open_pool
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
        raise Misconfigured(f"DATABASE_URL: expected an address, because no stack was set up in {runtime.home}")
    toolbox = registry.load(runtime.tool_modules)
    pool = await open_pool(runtime.database_url)
    models = Providers(settings.llm)
    try:
        client = await temporal_client.connect(environment(), runtime.temporal_address, [PostgresPayloads(pool)])
        llm = LlmActivities(pool, settings, models, toolbox)
        tools = ToolActivities(pool, toolbox, runtime.timezone)
        turns = TurnActivities(pool, client)
        yield Parts(client, (llm.step, tools.run, turns.close, turns.settle))
    finally:
        await models.close()
        await pool.close()
