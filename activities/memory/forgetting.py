"""Forgetting a person: memory, relations, conversations and files, all of it or an error to repeat it."""

from activities.memory.memories import Memories
from clara.memory.kinds import Owner
from store.memory import person


async def forget_person(memories: Memories, owner: Owner) -> dict[str, int]:
    """Delete every trace of a person; returns how much of each there was.

    The database goes first, in one transaction: from then on nothing is recalled and no retry can
    write anything back. What follows may be repeated until it is done.
    """
    return await _clear_indexes(memories, owner, await person.wipe(memories.pool, owner))


async def clear_memories(memories: Memories, owner: Owner) -> dict[str, int]:
    """Delete a person's memories and relations; conversations, notes and files stay."""
    return await _clear_indexes(memories, owner, await person.clear_memories(memories.pool, owner))


async def _clear_indexes(memories: Memories, owner: Owner, counted: dict[str, int]) -> dict[str, int]:
    counted["vectors"] = await memories.index.clear(owner)
    if memories.graph:
        counted["relations"] = await memories.graph.clear(owner)
    return counted
