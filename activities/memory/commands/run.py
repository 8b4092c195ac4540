"""Which command is which. Each is done in its person's name, and for no other."""

from collections.abc import Awaitable, Callable

from temporalio.client import Client

from activities.memory.commands.changing import add, forget, forget_me, key
from activities.memory.commands.looking import list_, search, why
from activities.memory.commands.whole import export, sharing, status
from activities.memory.memories import Memories
from clara.memory.kinds import Owner, scope
from clara.memory.requests import MemoryCommand, MemoryReply

Handler = Callable[[Memories, Owner, MemoryCommand], Awaitable[MemoryReply]]

HANDLERS: dict[str, Handler] = {
    "list": list_,
    "search": search,
    "add": add,
    "forget": forget,
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
