"""Which command is which. Each is done in its person's name, and for no other."""

from collections.abc import Awaitable, Callable

from temporalio.client import Client

from activities.memory.commands.changing import add, forget, forget_me, key, undo
from activities.memory.commands.looking import list_, search, why
from activities.memory.commands.whole import export, sharing, status
from activities.memory.memories import Memories
from clara.errors import UserError
from clara.memory.kinds import Owner, scope
from clara.memory.requests import MemoryCommand, MemoryReply
from store.memory import requests

Handler = Callable[[Memories, Owner, MemoryCommand], Awaitable[MemoryReply]]

GONE = "This was forgotten before I came to it."

HANDLERS: dict[str, Handler] = {
    "list": list_,
    "search": search,
    "add": add,
    "forget": forget,
    "undo": undo,
    "key": key,
    "why": why,
    "export": export,
    "status": status,
    "sharing": sharing,
}


async def run(memories: Memories, command: MemoryCommand, client: Client | None = None) -> MemoryReply:
    """Carry out a command; UserError where the person asked for something that cannot be done.

    ``client`` is Temporal's, which forget-me asks where it is given.
    """
    owner = scope(command.user_id)
    if command.name == "forget-me":
        return await forget_me(memories, owner, command, client)
    return await HANDLERS[command.name](memories, owner, command)


async def run_kept(memories: Memories, command: MemoryCommand, client: Client | None = None) -> MemoryReply:
    """The same for a command whose words are in the store; what is returned has none, and may be in histories.

    A repetition finds the answer of the first attempt. Mistakes of the person are answers.
    """
    owner = scope(command.user_id)
    assert command.reference is not None
    if command.name == "forget-me":  # which takes the kept words too; its answer is made of numbers
        return await _answered(memories, command, client)
    kept = await requests.get(memories.pool, command.reference, owner)
    if kept is None:
        return MemoryReply(text=GONE)
    if kept.reply is None:
        reply = await _answered(memories, command.model_copy(update={"argument": kept.argument}), client)
        async with memories.pool.connection() as connection:
            await requests.answer(connection, command.reference, owner, reply)
    return MemoryReply(text="")


async def _answered(memories: Memories, command: MemoryCommand, client: Client | None) -> MemoryReply:
    try:
        return await run(memories, command, client)
    except UserError as error:
        return MemoryReply(text=str(error))
