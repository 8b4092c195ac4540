"""Adding, keeping in mind, and forgetting one memory or all of a person."""

from datetime import UTC, datetime

from temporalio.client import Client

from activities.memory.commands.lines import line, plain
from activities.memory.memories import Memories
from activities.people.forgetting import forget_person, told
from clara.errors import UserError
from clara.memory import evidence
from clara.memory.kinds import KEY_LIMIT, Kind, Owner, clean_text, fingerprint, project_name
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import records, writing
from store.memory.writing import Draft


async def add(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    text = clean_text(command.argument)
    if evidence.holds_secret(text):
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
    return MemoryReply(text=f"{said}: {line(memory)}", data={**plain(memory), "created": written.created})


async def key(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await records.find(memories.pool, owner, command.argument)
    if memory.kind == "emotional":
        raise UserError("A mood cannot be a key memory.")
    if memory.kind != "key":
        await writing.set_key(memories.pool, owner, memory.id, KEY_LIMIT)
        memory = await records.find(memories.pool, owner, memory.id)
    return MemoryReply(text=f"Always in mind from now on: {memory.text}", data=plain(memory))


async def forget(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await memories.forget(owner, command.argument)
    return MemoryReply(text=f"Forgotten: {memory.text}", data=plain(memory))


async def forget_me(memories: Memories, owner: Owner, command: MemoryCommand, client: Client | None) -> MemoryReply:
    if not command.confirmed:
        raise UserError(
            "This deletes all that I know of you: memories, relations, our conversations, notes and files, and stops "
            "what I am doing for you. It cannot be undone. Please confirm it."
        )
    counted = await forget_person(memories, owner, client)
    return MemoryReply(text=f"I have forgotten you. Deleted: {told(counted)}.", data=counted)
