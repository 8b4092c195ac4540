"""Clearing a person's memories and what was made of them, all of it or an error to repeat it."""

from activities.memory.memories import Memories
from clara.memory.kinds import Owner
from store.memory import person


async def clear_memories(memories: Memories, owner: Owner) -> dict[str, int]:
    """Delete a person's memories and relations; conversations, notes and files stay."""
    return await clear_indexes(memories, owner, await person.clear_memories(memories.pool, owner))


async def clear_indexes(memories: Memories, owner: Owner, counted: dict[str, int]) -> dict[str, int]:
    """Delete a person's vectors and relations; adds to ``counted`` how many there were."""
    counted["vectors"] = await memories.index.clear(owner)
    if memories.graph:
        counted["relations"] = await memories.graph.clear(owner)
    return counted
