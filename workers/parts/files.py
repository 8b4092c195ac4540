"""The files that people keep: the tools for them, and the deletion of what is to go in S3."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.files.deleting import keep_deleting
from activities.files.keeping import KeptFiles
from activities.files.tools import tools
from activities.tools.toolset import fixed
from temporal.ending import end
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def files(services: Services) -> AsyncIterator[Share]:
    kept = KeptFiles(services.pool, services.settings.files)
    deleting = asyncio.create_task(keep_deleting(services.pool, kept.objects), name="deletion in S3")
    try:
        yield Share(toolsets=(fixed("files", tools(kept), core=True),))
    finally:
        await end(deleting)
