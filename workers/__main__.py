"""``python -m workers [ROLE …]``: run workflows and activities until SIGTERM; without a name, those of all roles."""

import asyncio
import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from temporalio.worker import Worker

from clara.settings import Settings
from temporal import process
from temporal.leaving import leave
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
        _spare_the_collector()
        log.info("worker is up (%s), model provider %s", ", ".join(r.name for r in roles), settings.llm.provider)
        await ended.wait()
        log.info("worker is ending")


def _spare_the_collector() -> None:
    """What is there now stays for good, so it is not looked through again; and what turns make is mostly no cycle.

    As Python does it by default, collecting took 1 to 3 ms of a turn.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def main(names: Sequence[str]) -> int:
    return process.serve(partial(run, names=names))


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
