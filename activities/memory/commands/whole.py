"""A person's memory as a whole: how much there is, whether it may surface elsewhere, and all of it."""

from activities.memory.memories import Memories
from clara.errors import UserError
from clara.invocation import call
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import indexing, person, preferences, records


async def status(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    counts = await records.counts(memories.pool, owner)
    done, total = await indexing.progress(memories.pool, memories.index.name)
    sharing = await preferences.shares_private(memories.pool, owner)
    listed = ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "no memories yet"
    lines = [
        f"You: {listed}.",
        f"Private memories in shared conversations: {'yes' if sharing else 'no'}.",
        f"Search: {memories.embedder.label}, collection {memories.index.name}.",
        f"Relations: {'on' if memories.graph else 'off (ENABLE_GRAPH_MEMORY)'}.",
    ]
    if done < total:
        lines.append(f"{total - done} of {total} memories are not in this collection: run {call('memory reindex')}.")
    data = {
        "counts": counts,
        "share_private": sharing,
        "embeddings": memories.embedder.label,
        "collection": memories.index.name,
        "indexed": done,
        "memories": total,
        "graph": memories.graph is not None,
    }
    return MemoryReply(text="\n".join(lines), data=data)


async def sharing(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    wish = command.argument.strip().casefold()
    if wish not in ("on", "off"):
        raise UserError("Please say on or off.")
    await preferences.share_private(memories.pool, owner, wish == "on")
    text = "may" if wish == "on" else "does not"
    return MemoryReply(
        text=f"What you tell me in private {text} surface where others read.", data={"share_private": wish == "on"}
    )


async def export(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    data = await person.export(memories.pool, owner)
    if memories.graph:
        data["relations"] = await memories.graph.export(owner)
    return MemoryReply(text=f"{len(data['memories'])} memories and {len(data['notes'])} notes.", data=data)
