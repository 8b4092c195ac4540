"""The activity that sends replies of ended turns, and notices: the part of a turn that this process serves."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

import discord
from temporalio import activity
from temporalio.exceptions import ApplicationError

from adapters.discord.address import Address
from adapters.discord.api.rest import PASSING, Upload
from adapters.discord.outbound.outbox import Outbox
from adapters.discord.outbound.previews import Previews
from adapters.discord.outbound.undelivered import Undelivered, is_refusal, passes
from adapters.door import Door
from clara.notices import notice_id
from clara.splitting import split
from clara.turn import Delivery
from store import notices
from store.turns import turns
from store.turns.turns import Turn
from temporal.contracts.delivery import Adapter

log = logging.getLogger(__name__)

NOTICE = notice_id("")
MAX_PARTS = 4
"""Messages of one answer; a longer one is attached as a file."""

LATE = timedelta(minutes=15)
"""An answer begun so long after the question, or sent so long after it was ready, says so."""

REPLY_FIRST = timedelta(minutes=5)
REFUSED_CORRECTION = timedelta(minutes=15)
"""Before a correction is tried again, because its reply was not sent yet, or because it may not be written."""

UPLOAD_LIMIT = 9 * 2**20
"""Bytes; Discord takes 10 MiB."""


class Deliverer(Adapter):
    def __init__(self, door: Door, outbox: Outbox, previews: Previews, undelivered: Undelivered) -> None:
        self._door = door
        self._outbox = outbox
        self._previews = previews
        self._undelivered = undelivered
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        to = Address.of_delivery(delivery)
        try:
            if delivery.correction:
                await self._correct(delivery.turn_id, delivery.correction)
            else:
                await self.send(to.id)
            self._undelivered.written(to.channel)
        except discord.HTTPException as error:
            failure = self._failure(to, bool(delivery.correction), error)
            if failure.non_retryable:
                await self._outbox.settle(to)
            raise failure from error
        except PASSING as error:
            raise ApplicationError(f"Discord cannot be reached: {type(error).__name__}", type="connection") from error

    async def send(self, id: str) -> None:
        """Send the reply of an ended turn, or a notice, unless it was sent.

        Raises discord.HTTPException where Discord says no.
        """
        if id.startswith(NOTICE):
            await self._notice(id)
        else:
            await self._reply(id)

    async def _notice(self, id: str) -> None:
        async with self._lock(id):
            kept = await self._door.store(notices.get, id.removeprefix(NOTICE))
            if kept is None:
                raise ApplicationError("the notice is not in the store", type="undeliverable", non_retryable=True)
            if kept.shown_at is None:
                notice = kept.notice
                await self._put(Address.of_notice(notice.key, notice.to, notice.reply_to), notice.text)
                await self._door.store(notices.mark_shown, notice.key)

    async def _reply(self, turn_id: str) -> None:
        async with self._lock(turn_id):
            turn = await self._turn(turn_id)
            await self._previews.finish(turn_id)
            if turn.shown_at is None:
                await self._put(Address.of(turn.id), compose(turn, datetime.now(UTC)))
                await self._door.store(turns.mark_shown, turn_id)

    async def _correct(self, turn_id: str, correction: str) -> None:
        # Under the lock, so that a reply that is being sent just now either holds the correction or is corrected.
        async with self._lock(turn_id):
            turn = await self._turn(turn_id)
            if turn.shown_at is not None:
                await self._outbox.correct(Address.of(turn_id), correction)
            elif correction not in (turn.reply or ""):
                raise ApplicationError("the reply was not sent yet", type="too_early", next_retry_delay=REPLY_FIRST)

    def _lock(self, turn_id: str) -> asyncio.Lock:
        return self._locks.setdefault(turn_id, asyncio.Lock())

    async def _turn(self, turn_id: str) -> Turn:
        turn = await self._door.store(turns.get, turn_id)
        if turn is None:
            raise ApplicationError("the turn is not in the store", type="undeliverable", non_retryable=True)
        return turn

    def _failure(self, to: Address, corrects: bool, error: discord.HTTPException) -> ApplicationError:
        """Whether another attempt can help."""
        words = f"Discord refused the message: {error.status}, code {error.code}"
        if error.status == 429:
            return ApplicationError(words, type="rate_limit", next_retry_delay=_retry_after(error))
        if passes(error):
            return ApplicationError(words, type="unavailable")
        if is_refusal(error) and corrects:
            return ApplicationError(words, type="forbidden", next_retry_delay=REFUSED_CORRECTION)
        if is_refusal(error):
            log.warning("%s: not allowed to write there (code %d), the message is kept", to.id, error.code)
            self._undelivered.refused(to.channel)
        else:
            log.error("%s cannot be delivered: %s", to.id, words)
        return ApplicationError(words, type="undeliverable", non_retryable=True)

    async def _put(self, to: Address, text: str) -> None:
        parts = split(text)
        if len(parts) > MAX_PARTS:
            try:
                await self._outbox.put(to, 0, *_as_file(text))
                return
            except discord.Forbidden:
                log.info("%s: no file may be attached here, sending %d messages", to.id, len(parts))
        for index, part in enumerate(parts[:100]):
            await self._outbox.put(to, index, part)


def compose(turn: Turn, now: datetime) -> str:
    """The words of the reply."""
    reply = (turn.reply or "").strip() or "I have nothing to say to that."
    kept = now - turn.ended_at if turn.ended_at else timedelta()
    in_time = turn.started_at - turn.message.sent_at < LATE and kept < LATE
    if in_time or turn.message.origin != "person":
        return reply
    asked = int(turn.message.sent_at.timestamp())
    return f"-# Sorry that this is late: you wrote <t:{asked}:R>.\n{reply}"


def _as_file(text: str) -> tuple[str, tuple[()], tuple[Upload, ...]]:
    start = split(text, 1500)[0]
    upload = Upload("answer.md", text.encode()[:UPLOAD_LIMIT])
    return f"{start}\n\n-# … this goes on in the attached file.", (), (upload,)


def _retry_after(error: discord.HTTPException) -> timedelta:
    """The pause that was asked for; a refusal without one comes from Cloudflare and lasts."""
    asked = error.response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(asked), 3600) if asked.isdigit() else 60)
