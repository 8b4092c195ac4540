"""Taking out or wiping all that Clara has of one person, for the command line."""

import asyncio
from typing import Any

import click
from temporalio.client import Client

from activities.files.exporting import add_contents
from activities.people.forgetting import Forgotten, forget_person
from clara.memory.kinds import Owner, scope
from clara.settings import Settings, load
from gateway.servers import namespace
from gateway.servers.memories import opened
from gateway.servers.reached import reached
from store.people import people

UNREACHED = (
    "Temporal did not answer, so its histories of past messages were not deleted. "
    "They stay until its retention ends, or until this is repeated while Clara runs."
)


def whom(user: str | None) -> Owner:
    """A name at this terminal, or a whole id such as discord:1234; the user of the terminal without one."""
    name = load().runtime.cli_user if user is None else user
    return scope(name if ":" in name else f"cli:{name}")


def known() -> list[str]:
    """Everybody. NotRunning without a database."""

    async def found() -> list[str]:
        async with opened() as memories:
            return await people.known(memories.pool)

    with reached():
        return asyncio.run(found())


def export(owner: Owner) -> dict[str, Any]:
    """Everything, by subject. NotRunning without a database."""

    async def exported() -> dict[str, Any]:
        async with opened() as memories:
            found = await people.export(memories.pool, owner)
            await add_contents(found, load().files)
            if memories.graph:
                found["relations"] = await memories.graph.export(owner)
            return found

    with reached():
        return asyncio.run(exported())


def wipe(owner: Owner) -> Forgotten:
    """Delete everything; says on standard error what could not be reached. NotRunning without a database."""

    async def wiped() -> Forgotten:
        client = await _temporal(load())
        if client is None:
            click.echo(UNREACHED, err=True)
        async with opened() as memories:
            return await forget_person(memories, owner, client)

    with reached():
        return asyncio.run(wiped())


async def _temporal(settings: Settings) -> Client | None:
    if settings.runtime.temporal_address is None and settings.runtime.embedded_temporal:
        return None
    try:
        return await namespace.connected(settings)
    except (RuntimeError, TimeoutError):
        return None
