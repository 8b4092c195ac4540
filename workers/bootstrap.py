"""The composition root: from settings to what each role serves, everything made once per process."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from clara.settings import Settings
from workers.parts.part import Activity
from workers.roles import Role
from workers.services import Services, open_services


@dataclass(frozen=True)
class Assembled:
    """What a worker process is made of."""

    services: Services
    activities: Mapping[str, Sequence[Activity]]
    """By the name of the role that serves them."""


@asynccontextmanager
async def assemble(settings: Settings, roles: Sequence[Role]) -> AsyncIterator[Assembled]:
    """Connect and build everything that ``roles`` need; closes it in reverse."""
    async with open_services(settings) as services, AsyncExitStack() as opened:
        activities: dict[str, list[Activity]] = {}
        for role in roles:
            for part in role.parts:
                share = await opened.enter_async_context(part(services))
                activities.setdefault(role.name, []).extend(share.activities)
                services.catalogue.add(share.toolsets)
        yield Assembled(services, activities)
