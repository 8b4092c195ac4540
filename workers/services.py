"""What a worker process has once, for all of its parts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from temporalio.client import Client

from activities.llm.providers import Providers
from activities.notices import notify
from activities.tools.asking import Gate
from activities.tools.catalogue import Catalogue
from activities.tools.offers import Offers
from activities.tools.taint import taint_of
from clara.errors import Misconfigured
from clara.settings import Settings, environment
from clara.sources import policy
from store.database import Pool, open_pool
from store.payloads import PostgresPayloads
from store.sealing import Keys, Sealer
from temporal import client as temporal_client


@dataclass(frozen=True)
class Services:
    """Connections and clients. ``catalogue`` is filled while parts are opened, and read when turns begin."""

    settings: Settings
    pool: Pool
    client: Client
    models: Providers
    catalogue: Catalogue
    offers: Offers
    gate: Gate
    sealer: Sealer


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect to the servers; Misconfigured if no stack is known, or the policy is wrong."""
    runtime = settings.runtime
    rules = policy.read(runtime.home)
    if runtime.database_url is None:
        raise Misconfigured(f"DATABASE_URL: must be set, because no stack was set up in {runtime.home}")
    async with AsyncExitStack() as opened:
        pool = await open_pool(runtime.database_url)
        opened.push_async_callback(pool.close)
        models = Providers(settings.llm)
        opened.push_async_callback(models.close)
        client = await temporal_client.connect(environment(), runtime.temporal_address, [PostgresPayloads(pool)])
        catalogue = Catalogue()
        gate = Gate(pool, rules, partial(notify, pool, client), partial(taint_of, pool))
        sealer = Sealer(Keys.of(settings))
        yield Services(settings, pool, client, models, catalogue, Offers(pool, catalogue), gate, sealer)
