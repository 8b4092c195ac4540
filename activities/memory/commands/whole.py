"""A person's memory as a whole: how much there is, whether it may surface elsewhere, and all of it."""

from dataclasses import asdict

from activities.llm.asking import BUDGET
from activities.memory.memories import WORDS_ONLY, Memories
from clara.errors import UserError
from clara.invocation import call
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import faults, indexing, person, preferences, records

WEEK_DAYS = 7
_REFUSED = ("auth", "billing", "not_found", "bad_request", "Misconfigured")


async def status(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    counts = await records.counts(memories.pool, owner)
    space = memories.space
    done, total = await indexing.progress(memories.pool, space.index.name) if space else (0, 0)
    sharing = await preferences.shares_private(memories.pool, owner)
    lost = await faults.lost(memories.pool, owner)
    unusable = await faults.malformed(memories.pool, WEEK_DAYS, owner)
    listed = ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "no memories yet"
    lines = [
        f"You: {listed}.",
        f"Private memories in shared conversations: {'yes' if sharing else 'no'}.",
        f"Search: by words and by meaning, {space.embedder.label}, collection {space.index.name}."
        if space
        else WORDS_ONLY,
        f"Relations: {'on' if memories.graph else 'off (ENABLE_GRAPH_MEMORY)'}.",
    ]
    if lost:
        lost_of = f"{lost.number} of your messages since {lost.since:%Y-%m-%d}"
        lines.append(f"I could not learn from {lost_of}: {_why_lost(lost.kind)}.")
    lines += [
        f"Not usable in the last {WEEK_DAYS} days: {each.malformed} of {each.answers} answers of {each.model}."
        for each in unusable
    ]
    if space is None and memories.reasons:
        lines.append("Asked for embeddings: " + "; ".join(memories.reasons))
    if done < total:
        lines.append(
            f"{total - done} of {total} memories have no vector yet; a worker makes them "
            f"({call('memory reindex')} shows how far it is)."
        )
    data = {
        "counts": counts,
        "share_private": sharing,
        "embeddings": space.embedder.label if space else "by words only",
        "collection": space.index.name if space else None,
        "indexed": done,
        "memories": total,
        "graph": memories.graph is not None,
        "lost": {"messages": lost.number, "since": lost.since.isoformat(), "kind": lost.kind} if lost else None,
        "malformed": [asdict(each) for each in unusable],
    }
    return MemoryReply(text="\n".join(lines), data=data)


def _why_lost(kind: str) -> str:
    if kind == "malformed":
        return "the model's answers were not usable"
    if kind == BUDGET:
        return "there was no budget left for it"
    return "the model could not be used" if kind in _REFUSED else "the model did not answer"


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
