"""The activity that sends replies of ended turns, and notices: the part of a turn that this process serves."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

import discord
from temporalio import activity
from temporalio.exceptions import ApplicationError

from adapters.discord.address import Address
from adapters.discord.api.rest import PASSING, Json, Upload
from adapters.discord.outbound import answering, parcels
from adapters.discord.outbound.outbox import Outbox
from adapters.discord.outbound.parcels import Packed, Parcel
from adapters.discord.outbound.previews import Previews
from adapters.discord.outbound.undelivered import Undelivered, is_refusal, passes
from adapters.door import Door
from clara.approvals.question import card_of
from clara.filenames import clean_name
from clara.notices import notice_id
from clara.turn import Delivery
from store import approvals, downloads, notices
from store.downloads import MadeFile
from store.files import blobs
from store.turns import turns
from store.turns.turns import Turn
from temporal.contracts.delivery import Adapter

log = logging.getLogger(__name__)

NOTICE = notice_id("")
LATE = timedelta(minutes=15)
"""An answer begun so long after the question, or sent so long after it was ready, says so."""

REPLY_FIRST = timedelta(minutes=5)
REFUSED_CORRECTION = timedelta(minutes=15)
"""Before a correction is tried again, because its reply was not sent yet, or because it may not be written."""

REFUSED_FILES = (400, 403, 413)
"""What Discord answers where it does not take the files, among other reasons."""


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
                buttons = await self._buttons(notice.key)
                await self._put(Address.of_notice(notice.key, notice.to, notice.reply_to), notice.text, [], buttons)
                await self._door.store(notices.mark_shown, notice.key)

    async def _reply(self, turn_id: str) -> None:
        async with self._lock(turn_id):
            turn = await self._turn(turn_id)
            await self._previews.finish(turn_id)
            if turn.shown_at is None:
                files = await self._door.store(downloads.of_turn, turn_id)
                await self._put(Address.of(turn.id), compose(turn, datetime.now(UTC), bool(files)), files)
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

    async def _buttons(self, key: str) -> Sequence[Json]:
        """Those of a notice that asks for somebody's yes."""
        asked = card_of(key)
        found = await self._door.store(approvals.of_card, asked) if asked else []
        return answering.buttons(found) if any(each.state == "open" for each in found) else ()

    async def _put(self, to: Address, text: str, files: Sequence[MadeFile], buttons: Sequence[Json] = ()) -> None:
        """Make the messages of ``to`` bring a text and files, however often this is begun; buttons under the last."""
        try:
            await self._bring(to, parcels.pack(text, files), buttons)
        except _LongText:
            log.info("%s: no file may be attached here, sending the text in messages", to.id)
            await self._bring(to, parcels.pack(text, files, whole=True))

    async def _bring(self, to: Address, packed: Sequence[Parcel], buttons: Sequence[Json] = ()) -> None:
        part = 0
        for number, parcel in enumerate(packed, 1):
            try:
                uploads = [each for file in parcel.files if (each := await self._upload(file)) is not None]
                await self._outbox.put(to, part, parcel.content, buttons if number == len(packed) else (), uploads)
                part += 1
            except discord.HTTPException as error:
                if not parcel.files or error.status not in REFUSED_FILES:
                    raise
                if isinstance(parcel.files[0], parcels.Text):
                    raise _LongText from error
                log.info("%s: %d files are not taken: code %d", to.id, len(parcel.files), error.code)
                for content in parcels.refused(parcel):
                    await self._outbox.put(to, part, content)
                    part += 1

    async def _upload(self, file: Packed) -> Upload | None:
        """A file with its bytes; None if it was forgotten."""
        if isinstance(file, parcels.Text):
            return Upload(file.name, file.data)
        blob = await self._door.store(blobs.get, file.blob_id, file.owner)
        return Upload(clean_name(file.name), blob.data) if blob else None


class _LongText(Exception):
    """A text that was to be attached is to be written out."""


def compose(turn: Turn, now: datetime, brings_files: bool = False) -> str:
    """The words of the reply."""
    reply = (turn.reply or "").strip() or ("Here you are." if brings_files else "I have nothing to say to that.")
    kept = now - turn.ended_at if turn.ended_at else timedelta()
    in_time = turn.started_at - turn.message.sent_at < LATE and kept < LATE
    if in_time or turn.message.origin != "person":
        return reply
    asked = int(turn.message.sent_at.timestamp())
    return f"-# Sorry that this is late: you wrote <t:{asked}:R>.\n{reply}"


def _retry_after(error: discord.HTTPException) -> timedelta:
    """The pause that was asked for; a refusal without one comes from Cloudflare and lasts."""
    asked = error.response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(asked), 3600) if asked.isdigit() else 60)
