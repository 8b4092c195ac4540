"""What people do with their own memory, the same in the terminal and in Discord."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from temporalio.client import Client

from activities.memory.memories import WORDS_ONLY, Memories
from activities.people.forgetting import forget_person, told
from clara.errors import UserError
from clara.invocation import call
from clara.memory.kinds import KEY_LIMIT, Kind, Memory, Owner, clean_text, fingerprint, project_name, scope
from clara.memory.requests import MemoryCommand, MemoryReply
from clara.memory.secrets import holds_secret
from store.memory import indexing, person, preferences, records, writing
from store.memory.search import Place
from store.memory.writing import Draft
from store.turns import turns

LISTED = 100
FOUND = 10
ID_DIGITS = 8

Handler = Callable[[Memories, Owner, MemoryCommand], Awaitable[MemoryReply]]


async def run(memories: Memories, command: MemoryCommand, client: Client | None = None) -> MemoryReply:
    """Carry out a command; UserError where the person asked for something that cannot be done.

    ``client`` is Temporal's, which forget-me asks where it is given.
    """
    owner = scope(command.user_id)
    if command.name == "forget-me":
        return await _forget_me(memories, owner, command, client)
    return await _HANDLERS[command.name](memories, owner, command)


async def _list(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    project = project_name(command.project)
    kinds: Sequence[Kind] = ("project",) if project else ("key", "user", "project", "emotional")
    found = await records.newest(memories.pool, owner, kinds, LISTED, not command.private, project)
    counts = await records.counts(memories.pool, owner)
    more = f"\n({len(found)} of {sum(counts.values())} shown)" if len(found) == LISTED else ""
    text = "\n".join(_line(memory) for memory in found) + more if found else "I remember nothing about you yet."
    return MemoryReply(text=text, data=[_plain(memory) for memory in found])


async def _search(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    if not command.argument.strip():
        raise UserError("Please say what to search for.")
    project = project_name(command.project)
    projects = [project] if project else await records.projects(memories.pool, owner)
    found = await memories.search(Place(owner, tuple(projects), not command.private), command.argument, FOUND)
    lines = [_line(memory) for memory in found] or ["I found nothing like that."]
    if memories.space is None:
        lines.append(WORDS_ONLY)
    return MemoryReply(text="\n".join(lines), data=[_plain(memory) for memory in found])


async def _add(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    text = clean_text(command.argument)
    if holds_secret(text):
        raise UserError("That looks like a password or a key. I do not keep those.")
    project = None if command.key else project_name(command.project)
    kind: Kind = "key" if command.key else "project" if project else "user"
    draft = Draft(
        text=text,
        dedupe_key=f"command {fingerprint(text)} {project or ''} {datetime.now(UTC).isoformat()}",
        origin="command",
        kind=kind,
        project=project,
        private=not command.shared,
    )
    written = (await memories.add(owner, [draft]))[0]
    memory = await records.find(memories.pool, owner, written.id)
    said = "I will remember that" if written.created else "I knew that already"
    return MemoryReply(text=f"{said}: {_line(memory)}", data={**_plain(memory), "created": written.created})


async def _forget(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await memories.forget(owner, command.argument)
    return MemoryReply(text=f"Forgotten: {memory.text}", data=_plain(memory))


async def _key(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await records.find(memories.pool, owner, command.argument)
    if memory.kind == "emotional":
        raise UserError("A mood cannot be a key memory.")
    if memory.kind != "key":
        await writing.set_key(memories.pool, owner, memory.id, KEY_LIMIT)
        memory = await records.find(memories.pool, owner, memory.id)
    return MemoryReply(text=f"Always in mind from now on: {memory.text}", data=_plain(memory))


async def _why(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await records.find(memories.pool, owner, command.argument)
    lines = [_line(memory), f"Told on {memory.created_at:%Y-%m-%d %H:%M} ({_ORIGINS[memory.origin]})."]
    turn = await turns.get(memories.pool, memory.turn_id) if memory.turn_id else None
    message = turn.message if turn and turn.message.user.id == owner else None
    if message:
        lines.append(f"Your message in {message.conversation.id}: “{message.text[:1_000]}”")
    elif memory.turn_id:
        lines.append("The message itself is no longer stored.")
    before = await records.former(memories.pool, owner, memory.id)
    lines += [f"Before that: {former.text} ({former.created_at:%Y-%m-%d})" for former in before]
    data = {
        **_plain(memory),
        "message": message.text if message else None,
        "conversation": message.conversation.id if message else None,
        "former": [_plain(former) for former in before],
    }
    return MemoryReply(text="\n".join(lines), data=data)


async def _export(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    data = await person.export(memories.pool, owner)
    if memories.graph:
        data["relations"] = await memories.graph.export(owner)
    return MemoryReply(text=f"{len(data['memories'])} memories and {len(data['notes'])} notes.", data=data)


async def _forget_me(memories: Memories, owner: Owner, command: MemoryCommand, client: Client | None) -> MemoryReply:
    if not command.confirmed:
        raise UserError(
            "This deletes all that I know of you: memories, relations, our conversations, notes and files, and stops "
            "what I am doing for you. It cannot be undone. Please confirm it."
        )
    counted = await forget_person(memories, owner, client)
    return MemoryReply(text=f"I have forgotten you. Deleted: {told(counted)}.", data=counted)


async def _status(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    counts = await records.counts(memories.pool, owner)
    space = memories.space
    done, total = await indexing.progress(memories.pool, space.index.name) if space else (0, 0)
    sharing = await preferences.shares_private(memories.pool, owner)
    listed = ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "no memories yet"
    lines = [
        f"You: {listed}.",
        f"Private memories in shared conversations: {'yes' if sharing else 'no'}.",
        f"Search: by words and by meaning, {space.embedder.label}, collection {space.index.name}."
        if space
        else WORDS_ONLY,
        f"Relations: {'on' if memories.graph else 'off (ENABLE_GRAPH_MEMORY)'}.",
    ]
    if space is None and memories.reasons:
        lines.append("Asked for embeddings: " + "; ".join(memories.reasons))
    if done < total:
        lines.append(
            f"{total - done} of {total} memories are not in this collection yet; a worker adds them "
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
    }
    return MemoryReply(text="\n".join(lines), data=data)


async def _sharing(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    wish = command.argument.strip().casefold()
    if wish not in ("on", "off"):
        raise UserError("Please say on or off.")
    await preferences.share_private(memories.pool, owner, wish == "on")
    text = "may" if wish == "on" else "does not"
    return MemoryReply(
        text=f"What you tell me in private {text} surface where others read.", data={"share_private": wish == "on"}
    )


_HANDLERS: dict[str, Handler] = {
    "list": _list,
    "search": _search,
    "add": _add,
    "forget": _forget,
    "key": _key,
    "why": _why,
    "export": _export,
    "status": _status,
    "sharing": _sharing,
}

_ORIGINS = {
    "conversation": "learned from a message",
    "tool": "you asked me to remember it",
    "command": "entered by command",
    "import": "from a profile",
}


def _line(memory: Memory) -> str:
    marks = [memory.kind if memory.kind != "project" else f"project {memory.project}"]
    if not memory.private:
        marks.append("shared")
    return f"`{memory.id[:ID_DIGITS]}` {_told(memory)} ({', '.join(marks)}, {memory.created_at:%Y-%m-%d})"


def _told(memory: Memory) -> str:
    """The person's words in quotation marks, and what Clara makes of them marked as hers."""
    reading = memory.reading if memory.quoted else memory.text
    parts = [f"“{memory.text}”"] if memory.quoted else []
    return " ".join([*parts, *([f"[I read: {reading}]"] if reading else [])])


def _plain(memory: Memory) -> dict[str, object]:
    return memory.model_dump(mode="json", exclude_none=True)
