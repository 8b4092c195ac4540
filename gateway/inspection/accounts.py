"""Accounts that people have connected, for the command line."""

import asyncio

from clara.accounts import Account, Service
from clara.memory.kinds import Owner
from gateway.servers.memories import opened
from gateway.servers.reached import reached
from store import accounts


def of(owner: Owner) -> list[Account]:
    async def found() -> list[Account]:
        async with opened() as memories:
            return await accounts.of_person(memories.pool, owner)

    with reached():
        return asyncio.run(found())


def disconnect(owner: Owner, service: Service) -> bool:
    """False where there was none."""

    async def done() -> bool:
        async with opened() as memories:
            return await accounts.remove(memories.pool, owner, service)

    with reached():
        return asyncio.run(done())
