"""The door, opened when it is first needed: the service runs, and says so, also while Clara's servers are away."""

import asyncio
from contextlib import AsyncExitStack

from adapters.door import Door, open_door
from clara.errors import StackFault
from clara.settings import Settings
from store import logins

LOOK_S = 5.0


class Entrance:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._door: Door | None = None

    async def door(self) -> Door:
        """Raises Unreachable while Temporal does not answer."""
        async with self._lock:
            if self._door is None:
                self._door = await self._opened.enter_async_context(open_door(self._settings))
            return self._door

    async def missing(self) -> list[str]:
        """What does not answer, within some seconds."""
        try:
            async with asyncio.timeout(LOOK_S):
                door = await self.door()
                problem = await door.outage()
        except (StackFault, TimeoutError):
            return ["temporal"]
        missing = ["temporal"] if problem else []
        try:
            async with asyncio.timeout(LOOK_S):
                await door.store(logins.answers)
        except (StackFault, TimeoutError):
            missing.append("database")
        return missing

    async def close(self) -> None:
        await self._opened.aclose()
