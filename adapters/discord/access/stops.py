"""Stopping what is done in a channel: whose answer it is, who may stop it, and what a stop overtakes.

The phrase, the button and the command all end here. A stop is not held up by what is read before
it, such as another person's slow file: it goes past, and only if nothing is being answered does it
mean the message that is being read.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import discord

from adapters.discord.address import Address, key
from adapters.discord.api.rest import PASSING, Rest
from adapters.door import Door
from clara.attention import Asker, may_decide
from clara.conversation import ConversationStatus, Stop
from clara.errors import StackFault, UserError
from clara.messages import Person
from store.turns import turns

log = logging.getLogger(__name__)

STATUS_S = 3
"""A worker that does not say within this what it is doing is treated as none."""


@dataclass
class Reading:
    """A message to Clara on its way into its conversation: its files and the talk around it are being read."""

    message_id: int
    author: str
    withdrawn: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody stopped it before it was there."""
    by: str = ""


class Stops:
    def __init__(self, door: Door, rest: Rest) -> None:
        self._door = door
        self._rest = rest
        self._reading: dict[int, Reading] = {}

    @contextmanager
    def reading(self, channel: int, message_id: int, author: str) -> Iterator[Reading]:
        """For the length of a block the channel's next message is being read: one at a time, in order."""
        reading = self._reading[channel] = Reading(message_id, author)
        try:
            yield reading
        finally:
            del self._reading[channel]

    def before(self, channel: int, said: int) -> Reading | None:
        """What is being read there that came before ``said``, a message or an interaction."""
        reading = self._reading.get(channel)
        return reading if reading is not None and reading.message_id < said else None

    async def stop(self, channel: int, asker: Asker) -> bool:
        """Stop what is being answered; False if there is nothing.

        Raises UserError where ``asker`` may not, and Unreachable when Temporal cannot be reached.
        """
        status = None if asker.private or asker.moderates else await self._status(channel)
        if status is None:
            # They may stop whatever it is; or no worker is up, and then nobody's answer is being made.
            return await self._door.stop(key(channel), Stop(by=asker.id))
        turn_id = await self._unfinished(status)
        return turn_id is not None and await self.stop_turn(turn_id, asker)

    async def stop_turn(self, turn_id: str, asker: Asker) -> bool:
        """Stop that answer and no other; raises as ``stop`` does."""
        owner = await self._owner(turn_id)
        if not may_decide(asker, owner.id if owner else None):
            name = discord.utils.escape_markdown(owner.name) if owner else "the person who asked"
            raise UserError(f"Only {name} and those who moderate this channel can stop this answer.")
        to = Address.of(turn_id)
        return await self._door.stop(key(to.channel), Stop(message_id=turn_id.rpartition("/")[2], by=asker.id))

    async def overtake(
        self, channel: int, said: int, asker: Asker, mark: Callable[[], Awaitable[None]] | None = None
    ) -> bool:
        """Stop past a message that is still being read; False if that has to wait for its turn.

        ``mark`` is awaited just before something is stopped. Raises as ``stop`` does.
        """
        if self.before(channel, said) is None or (status := await self._status(channel)) is None:
            return False
        turn_id = await self._unfinished(status)
        if turn_id is not None:
            owner = await self._owner(turn_id)
            if mark is not None and may_decide(asker, owner.id if owner else None):
                await mark()
            return await self.stop_turn(turn_id, asker)
        reading = self.before(channel, said)
        if reading is None or not may_decide(asker, reading.author):
            return False
        if mark is not None:
            await mark()
        if self._reading.get(channel) is not reading:  # handed over meanwhile
            return await self._door.stop(key(channel), Stop(message_id=str(reading.message_id), by=asker.id))
        reading.by = asker.id
        reading.withdrawn.set()
        return True

    async def _status(self, channel: int) -> ConversationStatus | None:
        """What the conversation is doing; None if no worker tells."""
        try:
            async with asyncio.timeout(STATUS_S):
                return await self._door.status(key(channel))
        except (StackFault, TimeoutError) as error:
            log.warning("channel %d: what is being answered is not known: %s", channel, type(error).__name__)
            return None

    async def _unfinished(self, status: ConversationStatus) -> str | None:
        """The first turn that a stop would mean and that is not over: one whose reply is out may still be closing."""
        at_work = [*([status.running] if status.running else []), *reversed(status.resumed)]
        for turn_id in (*at_work, *status.waiting[:2], *status.parked[-1:]):
            turn = await self._door.store(turns.get, turn_id)
            if turn is None or turn.ended_at is None:
                return turn_id
        return None

    async def _owner(self, turn_id: str) -> Person | None:
        """Whose message a turn answers."""
        turn = await self._door.store(turns.get, turn_id)
        if turn is not None:
            return turn.message.user
        to = Address.of(turn_id)
        if to.trigger is None:
            return None
        try:
            author = (await self._rest.message(to.channel, to.trigger))["author"]
        except (discord.HTTPException, *PASSING) as error:
            log.info("%s: its author is not known: %s", turn_id, type(error).__name__)
            return None
        return Person(id=f"discord:{author['id']}", name=(author.get("global_name") or author["username"])[:200])
