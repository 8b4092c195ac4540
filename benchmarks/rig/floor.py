"""The baseline: a bare workflow with empty activities. ``python -m benchmarks.rig.floor ADDRESS`` is its worker.

Everything is the SDK's default, and its activities are dispatched eagerly as Clara's are.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "floor"


@activity.defn
async def nothing() -> None:
    """Returns at once."""


@workflow.defn
class Floor:
    @workflow.run
    async def run(self, activities: int) -> None:
        for _ in range(activities):
            await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=20))


async def serve(address: str) -> None:
    """Poll until the process is ended."""
    client = await Client.connect(address)
    async with Worker(client, task_queue=QUEUE, workflows=[Floor], activities=[nothing]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
