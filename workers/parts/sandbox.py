"""The sandbox: in its own role what runs code, and in that of turns what can be asked of it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.files.keeping import KeptFiles
from activities.sandbox import offering
from activities.sandbox.serving import Serving
from activities.sandbox.workshop import Workshop
from activities.tools.run import ToolActivities
from workers.parts.loops import beside
from workers.parts.part import Share
from workers.services import Services

log = logging.getLogger(__name__)

END_S = 5.0
"""What runs in boxes ends with this process anyway, so its end need not wait for them."""


@asynccontextmanager
async def sandbox(services: Services) -> AsyncIterator[Share]:
    """Serves the tools of the sandbox, as the one role that reaches a back end."""
    workshop = _workshop(services)
    serving = Serving(workshop, services.settings.runtime.home)
    running = ToolActivities(services.pool, services.offers, services.gate, services.settings.runtime.timezone)
    try:
        async with beside(looking_after_boxes=serving.run()):
            yield Share(activities=(running.run,), toolsets=(offering.toolset(workshop),))
    finally:
        try:
            async with asyncio.timeout(END_S):
                await serving.close()
        except TimeoutError:
            log.warning("the sandbox did not close within %g s", END_S)


@asynccontextmanager
async def sandbox_tools(services: Services) -> AsyncIterator[Share]:
    """The tools as turns are offered them; they are run on the sandbox's queue."""
    is_served_here = offering.NAME in services.catalogue
    yield Share() if is_served_here else Share(toolsets=(offering.toolset(_workshop(services)),))


def _workshop(services: Services) -> Workshop:
    return Workshop(services.settings.sandbox, services.pool, KeptFiles(services.pool, services.settings.files))
