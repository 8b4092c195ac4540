"""``python -m workers``: run workflows and activities until SIGTERM."""

import asyncio
import logging

from temporalio.worker import Worker

from clara.settings import Settings
from temporal import process, queues
from temporal.leaving import leave
from workers.bootstrap import assemble
from workers.options import worker_options

log = logging.getLogger(__name__)


async def run(settings: Settings, ended: asyncio.Event) -> None:
    """Serve the queue of turns until ``ended``."""
    async with assemble(settings) as parts:
        worker = Worker(parts.client, task_queue=queues.TURNS, activities=parts.activities, **worker_options())
        async with worker:
            log.info("worker is up, model provider %s", settings.llm.provider)
            await ended.wait()
            log.info("worker is ending")


def main() -> int:
    return process.serve(run)


if __name__ == "__main__":
    leave(main())
