"""The files that people keep: the tools for them, and the deletion of what is to go in S3."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.files.deleting import keep_deleting
from activities.files.keeping import KeptFiles
from activities.files.tools import tools
from activities.tools.toolset import fixed
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def files(services: Services) -> AsyncIterator[Share]:
    kept = KeptFiles(services.pool, services.settings.files)
    async with beside(deleting_in_S3=keep_deleting(services.pool, kept.objects)):
        yield Share(toolsets=(fixed("files", tools(kept), core=True),))
