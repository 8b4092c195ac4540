"""What a worker process does: everything made once, a worker for each role, until it is told to end."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack

from temporalio.worker import Worker

from clara.settings import Settings
from temporal.processes import collecting
from workers.bootstrap import assemble
from workers.options import worker_options
from workers.roles import chosen

log = logging.getLogger(__name__)


async def run(settings: Settings, ended: asyncio.Event, names: Sequence[str] = ()) -> None:
    """Serve the queues of these roles until ``ended``."""
    roles = chosen(names)
    async with assemble(settings, roles) as parts, AsyncExitStack() as workers:
        # The SDK takes seconds to import, and the first message after a restart should not wait for it.
        await parts.services.models.get(settings.llm.provider)
        for role in roles:
            serving = parts.activities[role.name]
            worker = Worker(
                parts.services.client,
                task_queue=role.queue,
                workflows=role.workflows,
                activities=serving,
                **worker_options(),
            )
            await workers.enter_async_context(worker)
        collecting.keep()
        log.info("worker is up (%s), model provider %s", ", ".join(r.name for r in roles), settings.llm.provider)
        await ended.wait()
        log.info("worker is ending")
