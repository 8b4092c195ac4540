"""From settings to a conversation that can be spoken to."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from adapters.cli.session.session import PLATFORM, Session, open_session
from adapters.cli.turns.follow import Frames
from adapters.door import open_door
from clara.errors import UserError
from clara.messages import MESSAGE_LIMIT
from clara.settings import Settings
from store import conversations


@asynccontextmanager
async def connected(settings: Settings, conversation: str, user: str | None) -> AsyncIterator[tuple[Session, Frames]]:
    """A session whose servers answer, and its frames. Raises Unreachable or Misconfigured otherwise."""
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(settings, quiet=True))
        session = open_session(settings, door, conversation, user)
        frames = Frames(door, PLATFORM)
        listening: asyncio.Task[None] | None = None
        try:
            await door.store(conversations.get, session.key)  # now rather than in the middle of something
            listening = asyncio.create_task(frames.run())
            yield session, frames
        finally:
            if listening is not None:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening


async def read_message(argument: str) -> str:
    """The message itself, or what standard input holds where it is ``-``."""
    if argument != "-":
        return argument
    # More than can be accepted is enough to say that it is too much.
    data: bytes = await asyncio.to_thread(sys.stdin.buffer.read, MESSAGE_LIMIT * 8)
    text = data.decode("utf-8", "replace")
    if not text.strip():
        raise UserError("Standard input was empty: there is nothing to say.")
    return text
