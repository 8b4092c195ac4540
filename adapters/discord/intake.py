"""Dealing with one message for good: it is accepted, it stops something, or it is ignored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord
import psycopg
from temporalio.service import RPCError, RPCStatusCode

from adapters.discord.hearing import Hearing, key
from adapters.discord.lanes import Settle
from adapters.discord.live import Live
from adapters.discord.rest import PASSING, Rest
from adapters.door import Door
from clara.attention import Say, Stop
from clara.conversation import Stop as StopWish
from clara.errors import UserError
from store import discord as store
from temporal import queues

log = logging.getLogger(__name__)

T = TypeVar("T")

DELIVER_TO = queues.delivery("discord")
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 15.0
ATTEMPTS_AT_BUGS = 3

OURS = (RPCError, psycopg.OperationalError, OSError)
"""Temporal or the store cannot be reached: nothing was accepted, and the message waits for them."""

HEARD = "\N{OK HAND SIGN}"


class Intake:
    def __init__(self, door: Door, hearing: Hearing, live: Live, rest: Rest) -> None:
        self._door = door
        self._hearing = hearing
        self._live = live
        self._rest = rest

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
        decision = await _until_possible(lambda: self._hearing.attend(message))
        if isinstance(decision, Stop):
            await self._stop(message, settle)
        elif isinstance(decision, Say):
            await self._say(message, decision)
        else:
            self._hearing.remember(message)

    async def _say(self, message: discord.Message, said: Say) -> None:
        turn_id = f"turn/{key(message.channel.id).id}/{message.id}"
        if await _until_possible(lambda: store.known_turns(self._door.pool, [turn_id])):
            return  # accepted before: found again in the history
        incoming = await _until_possible(lambda: self._hearing.incoming(message, said, DELIVER_TO))
        try:
            await _until_possible(lambda: self._door.say(incoming))
        except UserError as error:
            await self._tell(message, str(error))
            return
        self._live.accepted(turn_id)

    async def _stop(self, message: discord.Message, settle: Settle) -> None:
        # Settled first: found again after a crash, it would stop what waited behind its aim.
        await settle()
        wish = StopWish(by=f"discord:{message.author.id}")
        await _until_possible(lambda: self._door.stop(key(message.channel.id), wish))
        try:
            await self._rest.react(message.channel.id, message.id, HEARD)
        except (discord.HTTPException, *PASSING) as error:
            log.info("message %d: no reaction: %s", message.id, type(error).__name__)

    async def _tell(self, message: discord.Message, words: str) -> None:
        reference = {"message_id": str(message.id), "fail_if_not_exists": False}
        body = {"content": words[:2000], "message_reference": reference}
        try:
            await self._rest.create(message.channel.id, f"{message.id}.e", body)
        except (discord.HTTPException, *PASSING) as error:
            log.error("message %d: could not even say so: %s", message.id, type(error).__name__)


async def _until_possible(work: Callable[[], Awaitable[T]]) -> T:
    """Do ``work`` as soon as Temporal and the store are there for it."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except OURS as error:
            if isinstance(error, RPCError) and error.status is RPCStatusCode.INVALID_ARGUMENT:
                raise
            log.warning("a message waits: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
