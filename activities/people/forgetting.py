"""Forgetting a person: everything of theirs in every store, or an error to repeat it."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from activities.memory.forgetting import clear_indexes
from activities.memory.memories import Memories
from activities.people import histories
from activities.people.logins import end_logins
from clara.errors import Unavailable
from clara.memory.kinds import Owner
from store import typed
from store.people import people
from store.schedules import schedules
from temporal import schedules as planning


@dataclass(frozen=True)
class Forgotten:
    """``counted`` is how much was deleted, by subject."""

    counted: dict[str, int]
    logins_left: tuple[str, ...] = ()
    """Plugins and services that could not be told that the person's login is over."""

    def __str__(self) -> str:
        """For people."""
        found = ", ".join(f"{n:,} {subject.replace('_', ' ')}" for subject, n in self.counted.items() if n)
        told = f"Deleted: {found or 'there was nothing'}."
        if self.logins_left:
            where = ", ".join(self.logins_left)
            told += f" I could not tell {where} that it is over: please end it in the settings of your account there."
        return told


async def forget_person(memories: Memories, owner: Owner, client: Client | None) -> Forgotten:
    """Delete every trace of a person; returns how much of each there was.

    Turns of theirs that are at work or wait are stopped first, and their logins are ended. Then the database goes,
    in one transaction: from then on nothing is recalled and no retry can write anything back. What follows may be
    repeated until it is done. Without a ``client`` Temporal is not asked: then a turn at work is a
    UserError, and histories stay until the namespace's retention ends.
    """
    try:
        over = await _end_turns(memories, owner, client) if client else []
        left = await end_logins(memories.pool, owner, client)
        if client:
            # Before their rows, by which alone they are found.
            for schedule in await schedules.of_person(memories.pool, owner):
                await planning.delete(client, schedule.id)
        counted = Counter(await _wipe(memories, owner, over))
        counted = Counter(await clear_indexes(memories, owner, dict(counted)))
        if memories.home:
            counted["input_histories"] = await asyncio.to_thread(typed.wipe, memories.home, owner)
        if client:
            counted["histories"] = await histories.delete_histories(client, owner)
    except RPCError as error:
        raise Unavailable(f"Temporal does not answer: {error.status.name}. Please try again.") from error
    # What was on its way meanwhile: an attempt that had begun before its turn was stopped.
    again = await clear_indexes(memories, owner, await _wipe(memories, owner, over))
    counted.update(again)
    return Forgotten(dict(counted), left)


async def _end_turns(memories: Memories, owner: Owner, client: Client) -> list[str]:
    """Stop what runs; returns the turns that the store takes for running although nothing goes on with them."""

    async def running() -> list[str]:
        async with memories.pool.connection() as connection:
            return await people.running(connection, owner)

    await histories.end_turns(client, owner, running)
    return await running()


async def _wipe(memories: Memories, owner: Owner, over: list[str]) -> dict[str, int]:
    async with memories.pool.connection() as connection, connection.transaction():
        return await people.wipe(connection, owner, over)
