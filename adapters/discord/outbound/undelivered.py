"""Replies and notices that Clara was not allowed to write: kept in the store, and sent when the permission returns.

Their turns have ended, so that conversations do not wait for it. Nobody tells for certain that
writing is possible again; so it is tried when permissions change, after a restart, and in between
less and less often.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import discord

from adapters.discord.address import key
from adapters.discord.api.rest import PASSING
from adapters.door import Door
from clara.errors import StackFault, Unreachable
from store import discord as store
from store import notices
from store.turns import turns

log = logging.getLogger(__name__)

KEPT = timedelta(days=store.UNDELIVERED_DAYS)
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
AT_ONCE = 100
"""Replies of a channel that are looked up at the same time."""

ARCHIVED = 50083
"""A locked thread. What is locked may be opened again."""

BLOCKED = (200000, 200001, 240000)
"""By AutoMod or as a harmful link: what is said is refused, and no permission changes that."""


@dataclass
class _Waiting:
    """A channel with replies that wait: when it is tried again, and how long the pause is then."""

    due: float
    pause: float
    tried: float = 0.0
    refused: bool = True
    """Since its replies were last looked up."""


class Undelivered:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: dict[int, _Waiting] = {}
        self._hopeless: set[str] = set()
        self._news = asyncio.Event()

    @property
    def channels(self) -> list[int]:
        return list(self._waiting)

    def refused(self, channel: int) -> None:
        """A reply could not be written there."""
        if channel in self._waiting:
            self._waiting[channel].refused = True
        else:
            self._waiting[channel] = _Waiting(time.monotonic() + FIRST_PAUSE_S, FIRST_PAUSE_S)
            self._news.set()

    def written(self, channel: int) -> None:
        """Another reply could be written there."""
        if channel in self._waiting:
            self._waiting[channel].due = time.monotonic()
            self._news.set()

    def permissions_changed(self) -> None:
        """Somewhere, in a way that may or may not matter."""
        now = time.monotonic()
        for waiting in self._waiting.values():
            waiting.pause = FIRST_PAUSE_S
            waiting.due = max(now, waiting.tried + FIRST_PAUSE_S)
        self._news.set()

    async def run(self, send: Callable[[str], Awaitable[None]]) -> None:
        """For ever: ``send`` the replies and notices that wait. It raises what Discord says."""
        await self._remember()
        while True:
            self._news.clear()
            now = time.monotonic()
            for channel in [channel for channel, waiting in self._waiting.items() if waiting.due <= now]:
                await self._try(channel, send)
            due = [waiting.due for waiting in self._waiting.values()]
            pause = min(due) - time.monotonic() if due else LONGEST_PAUSE_S
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the news.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()

    async def _remember(self) -> None:
        """What processes before this one did not deliver."""
        while True:
            try:
                for channel in await self._door.store(store.undelivered):
                    self._waiting.setdefault(channel, _Waiting(time.monotonic(), FIRST_PAUSE_S))
                return
            except Unreachable as error:
                log.warning("undelivered replies are not known yet: %s", type(error).__name__)
                await asyncio.sleep(FIRST_PAUSE_S)

    async def _try(self, channel: int, send: Callable[[str], Awaitable[None]]) -> None:
        waiting = self._waiting[channel]
        waiting.tried = time.monotonic()
        try:
            while waiting.refused:
                waiting.refused = False
                while batch := await self._replies(channel):
                    for turn_id in batch:
                        await self._send(turn_id, send)
            del self._waiting[channel]
        except (discord.HTTPException, StackFault, *PASSING) as error:
            log.info("channel %d: its replies wait: %s", channel, type(error).__name__)
            waiting.refused = True
            waiting.due = time.monotonic() + waiting.pause
            waiting.pause = min(waiting.pause * 2, LONGEST_PAUSE_S)

    async def _replies(self, channel: int) -> list[str]:
        """The turns whose replies wait, and the notices, oldest first."""
        since = datetime.now(UTC) - KEPT
        ended = await self._door.store(turns.unshown, key(channel), AT_ONCE)
        kept = await self._door.store(notices.unshown, key(channel), AT_ONCE)
        waiting = [(turn.ended_at, turn.id) for turn in ended if turn.ended_at is not None]
        waiting += [(notice.kept_at, notice.id) for notice in kept]
        return [id for at, id in sorted(waiting) if at > since and id not in self._hopeless]

    async def _send(self, turn_id: str, send: Callable[[str], Awaitable[None]]) -> None:
        try:
            await send(turn_id)
        except discord.HTTPException as error:
            if passes(error) or is_refusal(error):
                raise
            log.error("%s cannot be delivered: %s", turn_id, error)
            self._hopeless.add(turn_id)
        except (StackFault, *PASSING):
            raise
        except Exception:
            # One reply with something wrong about it must keep back neither the others nor the adapter.
            log.exception("%s cannot be delivered", turn_id)
            self._hopeless.add(turn_id)


def is_refusal(error: discord.HTTPException) -> bool:
    """Whether a permission is wanting, which may be given back."""
    return error.code == ARCHIVED or (error.status == 403 and error.code not in BLOCKED)


def passes(error: discord.HTTPException) -> bool:
    """Whether the same request may succeed without anybody's doing."""
    return error.status in (401, 429) or error.status >= 500
