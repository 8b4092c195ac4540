"""Dealing with one message for good: it is accepted, it stops something, or it is ignored.

In the order of its channel, except for a stop, which overtakes what is still being read.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from adapters.discord.access.permissions import Permissions
from adapters.discord.access.stops import Reading, Stops
from adapters.discord.address import key
from adapters.discord.api.rest import PASSING, Rest
from adapters.discord.inbound.channel_queue import Settle
from adapters.discord.inbound.translation import Translator
from adapters.discord.outbound.previews import Previews
from adapters.door import Door
from clara.attention import Halt, Say
from clara.conversation import Stop
from clara.errors import InboxFull, StackFault, UserError
from clara.messages import Incoming
from store import discord as store
from temporal import queues

log = logging.getLogger(__name__)

T = TypeVar("T")

DELIVER_TO = queues.delivery("discord")
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 15.0
ATTEMPTS_AT_BUGS = 3
FULL_PAUSE_S = 1.0
"""Before a message is said again that a full conversation did not take; doubled up to ``LONGEST_PAUSE_S``."""

OVERTAKING = 1000
"""Stops that go past others at the same time; more of them wait for their turn."""

SIGN_S = 5
"""Nothing waits longer for a reaction to be put on a message."""

REFUSED_PAUSE_S = 60
"""Whoever may not stop an answer is told so once within this; more would only make noise."""

OURS = (StackFault, OSError)
"""Temporal or the store cannot be reached: nothing was accepted, and the message waits for them."""

HEARD = "\N{OK HAND SIGN}"
"""On a stop. It is also how a stop that was carried out is known again after a restart."""

WAITS = "\N{HOURGLASS WITH FLOWING SAND}"
"""On a message that a full conversation does not take yet."""


class Intake:
    def __init__(
        self, door: Door, translator: Translator, permissions: Permissions, previews: Previews, rest: Rest, stops: Stops
    ) -> None:
        self._door = door
        self._translator = translator
        self._permissions = permissions
        self._previews = previews
        self._rest = rest
        self._stops = stops
        self._overtaking: dict[int, asyncio.Task[bool]] = {}
        self._told: dict[tuple[int, int], float] = {}

    def hear(self, message: discord.Message) -> None:
        """A message came by the gateway; its turn in the channel comes later, with ``take``."""
        if self._stops.before(message.channel.id, message.id) is None or message.id in self._overtaking:
            return
        if len(self._overtaking) < OVERTAKING and self._translator.sounds_like_stop(message):
            self._overtaking[message.id] = asyncio.create_task(self._overtake(message))

    def close(self) -> None:
        for task in self._overtaking.values():
            task.cancel()

    async def take(self, message: discord.Message, settle: Settle) -> None:
        """Deal with a message; returns only when that is done, however long it takes."""
        for attempt in range(1, ATTEMPTS_AT_BUGS + 1):
            try:
                await self._take(message, settle)
                return
            except Exception:
                log.exception(
                    "message %d in %d was not understood, attempt %d", message.id, message.channel.id, attempt
                )
                await asyncio.sleep(attempt)
        await self._tell(message, "Sorry, something on my side broke and I could not take in this message.")

    async def _take(self, message: discord.Message, settle: Settle) -> None:
        overtaking = self._overtaking.pop(message.id, None)
        if overtaking is not None and await overtaking:
            return
        decision = await _until_possible(lambda: self._translator.attend(message))
        if isinstance(decision, Halt):
            await self._stop(message, settle)
        elif isinstance(decision, Say):
            await self._say(message, decision)
        else:
            self._translator.remember(message)

    async def _say(self, message: discord.Message, said: Say) -> None:
        turn_id = f"turn/{key(message.channel.id).id}/{message.id}"
        if await _until_possible(lambda: self._door.store(store.known_turns, [turn_id])):
            return  # accepted before: found again in the history
        with self._stops.reading(message.channel.id, message.id, self._translator.author(message).id) as reading:
            incoming = await self._read(message, said, reading)
            try:
                await self._hand_over(message, incoming)
            except UserError as error:
                await self._tell(message, str(error))
                return
        self._previews.accepted(turn_id)
        if reading.withdrawn.is_set():
            wish = Stop(message_id=str(message.id), by=reading.by)
            await _until_possible(lambda: self._door.stop(key(message.channel.id), wish))

    async def _read(self, message: discord.Message, said: Say, reading: Reading) -> Incoming:
        """The message with its files and context; without them if it is stopped meanwhile."""
        whole = asyncio.create_task(_until_possible(lambda: self._translator.incoming(message, said, DELIVER_TO)))
        withdrawn = asyncio.create_task(reading.withdrawn.wait())
        try:
            await asyncio.wait([whole, withdrawn], return_when=asyncio.FIRST_COMPLETED)
            return whole.result() if whole.done() else self._translator.bare(message, said, DELIVER_TO)
        finally:
            whole.cancel()
            withdrawn.cancel()

    async def _hand_over(self, message: discord.Message, incoming: Incoming) -> None:
        """Until the conversation has it. While that takes no more, the channel's cursor stands before this message."""
        pause, waited = FULL_PAUSE_S, False
        while True:
            try:
                await _until_possible(lambda: self._door.say(incoming))
                break
            except InboxFull:
                if not waited:
                    log.warning("message %d waits: its conversation takes no more at the moment", message.id)
                    await self._sign(message, WAITS)
                waited = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        if waited or _carries(message, WAITS):
            await self._sign(message, WAITS, remove=True)

    async def _stop(self, message: discord.Message, settle: Settle) -> None:
        # Settled first: found again after a crash, it would stop what waited behind its aim.
        await settle()
        if _carries(message, HEARD):
            return  # it overtook what was read then, in a process that did not come as far as here
        asker = await self._permissions.author(message)
        try:
            await _until_possible(lambda: self._stops.stop(message.channel.id, asker))
        except UserError as error:
            await self._refuse(message, error)
        else:
            await self._sign(message, HEARD)

    async def _overtake(self, message: discord.Message) -> bool:
        """Carry out a stop before its turn, if it is one and can be; True if it is dealt with."""
        if not isinstance(await _until_possible(lambda: self._translator.attend(message)), Halt):
            return False
        asker = await self._permissions.author(message)

        async def mark() -> None:
            # Before the stop: its channel's cursor does not say that it was carried out, and it must not be twice.
            await self._sign(message, HEARD)

        try:
            return await _until_possible(lambda: self._stops.overtake(message.channel.id, message.id, asker, mark))
        except UserError as error:
            await self._refuse(message, error)
            return True

    async def _refuse(self, message: discord.Message, error: UserError) -> None:
        """Tell somebody that they may not, once in a while: a reply in a channel is read by everybody."""
        now = time.monotonic()
        self._told = {who: at for who, at in self._told.items() if now - at < REFUSED_PAUSE_S}
        if (message.channel.id, message.author.id) not in self._told:
            self._told[message.channel.id, message.author.id] = now
            await self._tell(message, str(error))

    async def _sign(self, message: discord.Message, emoji: str, remove: bool = False) -> None:
        """Put a reaction on a message, or take it back, where that is possible."""
        change = self._rest.unreact if remove else self._rest.react
        try:
            async with asyncio.timeout(SIGN_S):
                await change(message.channel.id, message.id, emoji)
        except (discord.HTTPException, *PASSING) as error:
            log.info("message %d: no reaction: %s", message.id, type(error).__name__)

    async def _tell(self, message: discord.Message, words: str) -> None:
        reference = {"message_id": str(message.id), "fail_if_not_exists": False}
        body = {"content": words[:2000], "message_reference": reference}
        try:
            await self._rest.create(message.channel.id, f"{message.id}.e", body)
        except (discord.HTTPException, *PASSING) as error:
            log.error("message %d: could not even say so: %s", message.id, type(error).__name__)


def _carries(message: discord.Message, emoji: str) -> bool:
    """Whether Clara put that reaction on a message, as the history tells."""
    return any(reaction.me and str(reaction.emoji) == emoji for reaction in message.reactions)


async def _until_possible(work: Callable[[], Awaitable[T]]) -> T:
    """Do ``work`` as soon as Temporal and the store are there for it."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except OURS as error:
            if isinstance(error, StackFault) and error.kind == "invalid":
                raise
            log.warning("a message waits: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
