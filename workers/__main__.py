"""``python -m workers``: run workflows and activities until SIGTERM."""

import asyncio
import logging
import sys

from temporalio.worker import Worker

from activities.llm.providers import Providers
from clara.errors import ClaraError
from clara.settings import Settings
from temporal import process, queues
from workers.bootstrap import assemble
from workers.options import worker_options

log = logging.getLogger(__name__)


async def run(settings: Settings, ended: asyncio.Event) -> None:
    """Serve the queue of turns until ``ended``."""
    async with assemble(settings) as parts:
        worker = Worker(parts.client, task_queue=queues.TURNS, activities=parts.activities, **worker_options())
        async with worker:
            log.info("worker is up, model provider %s", settings.llm.provider)
            warming = asyncio.create_task(_warm_up(parts.models, settings.llm.provider))
            await ended.wait()
            warming.cancel()
            log.info("worker is ending")


async def _warm_up(models: Providers, provider: str) -> None:
    """Load the provider's SDK now: it takes seconds, and the first message after a restart should not wait for it."""
    try:
        await models.get(provider)
    except ClaraError as error:
        log.warning("the provider %s is not ready: %s", provider, error)


def main() -> int:
    return process.serve(run)


if __name__ == "__main__":
    sys.exit(main())
