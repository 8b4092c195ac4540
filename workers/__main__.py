"""``python -m workers``: run workflows and activities until SIGTERM."""

import asyncio
import logging
import signal
import sys

from temporalio.worker import Worker

from clara.errors import Misconfigured
from clara.settings import Settings, load
from temporal import queues
from workers.bootstrap import assemble
from workers.options import worker_options

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serve the queue of turns until the process is told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with assemble(settings) as parts:
        worker = Worker(parts.client, task_queue=queues.TURNS, activities=parts.activities, **worker_options())
        async with worker:
            log.info("worker is up, model provider %s", settings.llm.provider)
            await ended.wait()
            log.info("worker is ending")


def main() -> int:
    try:
        settings = load()
        logging.basicConfig(
            level=settings.runtime.log_level,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        asyncio.run(run(settings))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
