"""Looking at what is remembered, and where it comes from."""

from collections.abc import Sequence

from activities.memory.commands.lines import line, plain, told
from activities.memory.memories import WORDS_ONLY, Memories
from clara.errors import UserError
from clara.memory.kinds import Kind, Owner, project_name
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import records
from store.memory.search import Place
from store.turns import turns

LISTED = 100
FOUND = 10

_ORIGINS = {
    "conversation": "learned from a message",
    "tool": "you asked me to remember it",
    "command": "entered by command",
    "import": "from a profile",
}


async def list_(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    project = project_name(command.project)
    kinds: Sequence[Kind] = ("project",) if project else ("key", "user", "project", "emotional")
    found = await records.newest(memories.pool, owner, kinds, LISTED, not command.private, project)
    counts = await records.counts(memories.pool, owner)
    more = f"\n({len(found)} of {sum(counts.values())} shown)" if len(found) == LISTED else ""
    text = "\n".join(line(memory) for memory in found) + more if found else "I remember nothing about you yet."
    return MemoryReply(text=text, data=[plain(memory) for memory in found])


async def search(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    if not command.argument.strip():
        raise UserError("Please say what to search for.")
    project = project_name(command.project)
    projects = [project] if project else await records.projects(memories.pool, owner)
    found = await memories.search(Place(owner, tuple(projects), not command.private), command.argument, FOUND)
    lines = [line(memory) for memory in found] or ["I found nothing like that."]
    if memories.space is None:
        lines.append(WORDS_ONLY)
    return MemoryReply(text="\n".join(lines), data=[plain(memory) for memory in found])


async def why(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await records.find(memories.pool, owner, command.argument, ended=True)
    place = f" in {memory.conversation}" if memory.conversation else ""
    lines = [line(memory), f"Told on {memory.created_at:%Y-%m-%d %H:%M}{place} ({_ORIGINS[memory.origin]})."]
    turn = await turns.get(memories.pool, memory.turn_id) if memory.turn_id else None
    message = turn.message if turn and turn.message.user.id == owner else None
    if message:
        lines.append(f"Your message in {message.conversation.id}: “{message.text[:1_000]}”")
    elif memory.turn_id:
        lines.append("The message itself is no longer stored.")
    before = await records.former(memories.pool, owner, memory.id)
    for each in before:
        what = "Taken back" if each.undone else "Replaced"
        lines.append(f"{what} on {each.ended_at:%Y-%m-%d}: {told(each.memory)} (of {each.memory.created_at:%Y-%m-%d})")
    data = {
        **plain(memory),
        "message": message.text if message else None,
        "conversation": message.conversation.id if message else None,
        "former": [{**plain(each.memory), "undone": each.undone} for each in before],
    }
    return MemoryReply(text="\n".join(lines), data=data)
