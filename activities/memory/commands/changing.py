"""Adding, keeping in mind, and forgetting one memory or all of a person."""

from datetime import UTC, datetime

from temporalio.client import Client

from activities.memory.commands.lines import ID_DIGITS, line, plain
from activities.memory.memories import Memories
from activities.memory.secrets import holds_secret
from activities.people.forgetting import forget_person
from clara.errors import UserError
from clara.memory.kinds import KEY_LIMIT, Kind, Memory, Owner, clean_text, fingerprint, project_name
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import records, requests, undoing, writing
from store.memory.undoing import Undone
from store.memory.writing import Draft


async def add(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    text = clean_text(command.argument)
    if holds_secret(command.argument):
        raise UserError("That looks like a password or a key. I do not keep those.")
    project = None if command.key else project_name(command.project)
    kind: Kind = "key" if command.key else "project" if project else "user"
    draft = Draft(
        text=text,
        # By the command where it has a reference: an attempt that repeats it finds what an earlier one wrote.
        dedupe_key=f"command {command.reference or f'{fingerprint(text)} {datetime.now(UTC).isoformat()}'}",
        origin="command",
        kind=kind,
        project=project,
        private=not command.shared,
    )
    written = (await memories.add(owner, [draft], command.reference))[0]
    memory = await records.find(memories.pool, owner, written.id)
    created = written.id == writing.id_of(owner, draft)
    said = "I will remember that" if created else "I knew that already"
    return MemoryReply(text=f"{said}: {line(memory)}", data={**plain(memory), "created": created})


async def key(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory = await records.find(memories.pool, owner, command.argument)
    if memory.kind == "emotional":
        raise UserError("A mood cannot be a key memory.")
    if memory.kind != "key":
        await writing.set_key(memories.pool, owner, memory.id, KEY_LIMIT)
        memory = await records.find(memories.pool, owner, memory.id)
    return MemoryReply(text=f"Always in mind from now on: {memory.text}", data=plain(memory))


async def undo(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    """Take back what was kept last; a repetition of the same command takes back no more."""
    async with memories.pool.connection() as connection, connection.transaction():
        await writing.lock(connection, owner)
        reply = None
        if command.reference and (kept := await requests.find(connection, command.reference, owner)):
            reply = kept.reply
        if reply is None:
            reply = _taken_back(await undoing.undo(connection, owner))
            if command.reference:
                await requests.answer(connection, command.reference, owner, reply)
    if reply.data:
        restored = [each["id"] for each in reply.data["restored"]]
        await memories.take_back(owner, Memory(**reply.data["taken_back"]), restored)
    return reply


def _taken_back(undone: Undone | None) -> MemoryReply:
    if undone is None:
        return MemoryReply(text="There is nothing left to take back.")
    lines = [f"Taken back: {undone.taken_back.text}"]
    lines += [f"I remember again: {memory.text}" for memory in undone.restored]
    number = undone.taken_back.id[:ID_DIGITS]
    lines.append(f"It is history now: “why {number}” shows it, and “forget {number}” wipes it.")
    data = {"taken_back": plain(undone.taken_back), "restored": [plain(memory) for memory in undone.restored]}
    return MemoryReply(text="\n".join(lines), data=data)


async def forget(memories: Memories, owner: Owner, command: MemoryCommand) -> MemoryReply:
    memory, messages = await memories.forget(owner, command.argument)
    if memory is None:
        return MemoryReply(text="That memory is forgotten.")
    lines = [f"Forgotten: {memory.text}"]
    lines += [f"Your message of {said.at:%Y-%m-%d %H:%M} in {said.conversation} still holds it." for said in messages]
    if messages:
        lines.append("A conversation is only deleted as a whole, by forget-me, with all else that I have of you.")
    return MemoryReply(text="\n".join(lines), data=plain(memory))


async def forget_me(memories: Memories, owner: Owner, command: MemoryCommand, client: Client | None) -> MemoryReply:
    if not command.confirmed:
        raise UserError(
            "This deletes all that I know of you: memories, relations, our conversations, notes and files, and stops "
            "what I am doing for you. It cannot be undone. Please confirm it."
        )
    forgotten = await forget_person(memories, owner, client)
    return MemoryReply(text=f"I have forgotten you. {forgotten}", data=forgotten.counted)
