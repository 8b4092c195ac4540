"""Which conversation has which Python session."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Sequence

from activities.sandbox.backend import Backend, Command
from activities.sandbox.sessions import START, Session

MOST = 3
"""Sessions of one box; beyond them the one that was not used for longest ends. Each takes some memory."""

MakeCommand = Callable[[str, Sequence[str]], Awaitable[Command]]


class Conversations:
    """``command`` makes the command of a session from its arguments: with the way out that it has."""

    def __init__(self, backend: Backend, command: MakeCommand) -> None:
        self._backend = backend
        self._command = command
        self._sessions: defaultdict[str, OrderedDict[str, Session]] = defaultdict(OrderedDict)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def session(self, box: str, conversation: str) -> tuple[Session, bool]:
        """The session of a conversation, and whether it begins with this call."""
        async with self._locks[box]:  # two calls at once are to find one session
            return await self._session(box, conversation)

    async def _session(self, box: str, conversation: str) -> tuple[Session, bool]:
        found = self._sessions[box]
        known = found.get(conversation)
        if known is not None and known.alive:
            found.move_to_end(conversation)
            return known, False
        if known is not None:
            await found.pop(conversation).kill()
            await self._backend.start(box)  # which may have ended with it
        for other, session in list(found.items()):
            if len(found) >= MOST and not session.lock.locked():
                await found.pop(other).kill()
        begun = await Session.begin(self._backend, box, await self._command(box, START))
        found[conversation] = begun
        return begun, True

    async def end(self, box: str) -> None:
        for session in self._sessions.pop(box, {}).values():
            await session.kill()

    async def close(self) -> None:
        for box in list(self._sessions):
            await self.end(box)
