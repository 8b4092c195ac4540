"""The messages that belong to a turn or a notice: each is at Discord once, whatever dies in between.

A part is claimed in the store before it is sent. Whoever comes later, even in another process,
sends it under the same nonce, which Discord answers with the message it has; and where the nonce
may be forgotten, looks for the message before sending it again.
"""

import asyncio
import hashlib
import logging
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

import discord

from adapters.discord.address import Address
from adapters.discord.api.rest import PASSING, Json, Rest, Upload
from adapters.door import Door
from clara.splitting import MESSAGE_LIMIT, length, split
from store import discord as store

log = logging.getLogger(__name__)

NONCE_WINDOW_S = 90.0
"""Discord keeps nonces unique for "the past few minutes"; after this we look first."""

CLOCKS_APART = timedelta(minutes=2)
"""Ids of messages tell Discord's time, claims the database's."""

CORRECTIONS = 16_000
"""Parts from here on are corrections, numbered by what they say; the store has room for twice as many."""

UNKNOWN_MESSAGE = 10008
TOO_OLD_TO_EDIT = 30046
"""Messages above an hour may be edited a few times only."""


class Outbox:
    def __init__(self, door: Door, rest: Rest, myself: int) -> None:
        self._door = door
        self._rest = rest
        self._myself = str(myself)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def put(
        self,
        to: Address,
        part: int,
        content: str,
        components: Sequence[Json] = (),
        uploads: Sequence[Upload] = (),
        embeds: Sequence[Json] = (),
    ) -> int:
        """Make a part of a turn or a notice read ``content``, by sending or editing it; returns its message id.

        Raises discord.HTTPException where Discord says no.
        """
        # A part after the first is a plain message: a reply to the same words again only makes noise.
        reply_to = None if part else to.trigger
        async with self._lock(to):
            return await self._write(to, part, content, reply_to, components, uploads, embeds)

    async def correct(self, to: Address, sentence: str) -> None:
        """Add ``sentence`` to an answer that was sent before, once, however often this is called.

        As a reply to the answer, because nobody notices an edit; and in the answer itself, where it
        fits, because that is what is read later. An answer that holds it already needs neither.
        """
        part = CORRECTIONS + zlib.crc32(sentence.encode()) % CORRECTIONS
        async with self._lock(to):
            sent = await self._door.store(store.sent, to.id)
            last = max((number for number in sent if number < CORRECTIONS), default=None)
            answer = None if last is None else sent[last]
            content = None if answer is None else await self._content(to, answer)
            if not await self._door.store(store.was_claimed, to.id, part) and sentence in (content or ""):
                return
            await self._write(to, part, split(sentence)[0], answer or to.trigger)
            if answer is not None and content is not None and sentence not in content:
                await self._append(to, answer, f"{content}\n\n{sentence}")

    async def settle(self, to: Address) -> None:
        """Take the button off the first part, if it is there and may be edited: its turn is over."""
        message = (await self._door.store(store.sent, to.id)).get(0)
        if message is None:
            return
        try:
            await self._rest.edit(to.channel, message, {"components": []})
        except (discord.HTTPException, *PASSING) as error:
            log.info("%s: its button stays: %s", to.id, type(error).__name__)

    async def _content(self, to: Address, message: int) -> str | None:
        """What a message reads; None if it is gone or may not be read."""
        try:
            return str((await self._rest.message(to.channel, message))["content"])
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            return None

    async def _append(self, to: Address, message: int, content: str) -> None:
        if length(content) > MESSAGE_LIMIT:
            return
        try:
            await self._rest.edit(to.channel, message, {"content": content})
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            log.info("%s: the correction stands below the answer only: code %d", to.id, error.code)

    def _lock(self, to: Address) -> asyncio.Lock:
        return self._locks.setdefault(to.id, asyncio.Lock())

    async def _write(
        self,
        to: Address,
        part: int,
        content: str,
        reply_to: int | None,
        components: Sequence[Json] = (),
        uploads: Sequence[Upload] = (),
        embeds: Sequence[Json] = (),
    ) -> int:
        body: Json = {"content": content, "components": list(components)}
        if embeds:
            body["embeds"] = list(embeds)
        for _ in range(3):
            written = await self._try(to, part, body, reply_to, uploads)
            if written is not None:
                return written
        raise RuntimeError(f"{to.id}: part {part} is deleted as often as it is sent")

    async def _try(
        self, to: Address, part: int, body: Json, reply_to: int | None, uploads: Sequence[Upload]
    ) -> int | None:
        sent = await self._door.store(store.claim, to.id, part)
        message_id = sent.message_id
        if message_id is None and not sent.first and sent.age_s > NONCE_WINDOW_S:
            message_id = await self._find(to, part, body, reply_to, sent.age_s)
            if message_id is not None:
                await self._door.store(store.record, to.id, part, message_id)
        if message_id is None:
            reference = {} if reply_to is None else {"message_reference": _reference(to.channel, reply_to)}
            nonce = _nonce(to, part, sent.attempt)
            message = await self._rest.create(to.channel, nonce, {**body, **reference}, uploads)
            message_id = int(message["id"])
            await self._door.store(store.record, to.id, part, message_id)
            if sent.first:
                return message_id
        try:
            await self._rest.edit(to.channel, message_id, body, uploads)
        except discord.HTTPException as error:
            if error.code not in (UNKNOWN_MESSAGE, TOO_OLD_TO_EDIT):
                raise
            log.info("%s: message %d cannot be edited, sending another", to.id, message_id)
            if error.code == TOO_OLD_TO_EDIT:
                await self._rest.delete(to.channel, message_id)
            await self._door.store(store.renew, to.id, part, message_id)
            return None
        return message_id

    async def _find(self, to: Address, part: int, body: Json, reply_to: int | None, age_s: float) -> int | None:
        """The message of a part, if it is in the channel, claimed ``age_s`` ago.

        The first of an answer is found by what it replies to, others by their words.
        """
        since = datetime.now(UTC) - timedelta(seconds=age_s) - CLOCKS_APART
        position = reply_to or to.trigger or discord.utils.time_snowflake(since)
        for _ in range(10):
            page = await self._rest.after(to.channel, position)
            own = [message for message in page if message["author"]["id"] == self._myself]
            others = await self._door.store(store.of_others, to.id, [int(message["id"]) for message in own])
            for message in own:
                referred = (message.get("message_reference") or {}).get("message_id")
                by_reference = part == 0 and to.begins_with_a_preview
                alike = referred == str(to.trigger) if by_reference else _is_alike(message, body)
                if alike and int(message["id"]) not in others:
                    return int(message["id"])
            if len(page) < 100:
                return None
            position = int(page[-1]["id"])
        return None


def _is_alike(message: Json, body: Json) -> bool:
    """Whether a message reads so. Discord adds embeds to links, so they count only where there are to be some."""
    if str(message["content"]).strip() != body["content"].strip():
        return False
    return "embeds" not in body or _titles(message) == _titles(body)


def _titles(message: Json) -> list[str]:
    embeds = message.get("embeds") or []
    return [str(embed.get(part) or "").strip() for embed in embeds for part in ("title", "description")]


def _nonce(to: Address, part: int, attempt: int) -> str:
    """The same for every try to send a part; at most 25 characters."""
    if not to.begins_with_a_preview:
        return f"{hashlib.blake2b(to.id.encode(), digest_size=7).hexdigest()}.{part:x}.{attempt}"
    return f"{to.trigger}.{part}.{attempt}" if part < CORRECTIONS else f"{to.trigger:x}.{part:x}.{attempt}"


def _reference(channel: int, message: int) -> Json:
    return {"message_id": str(message), "channel_id": str(channel), "fail_if_not_exists": False}
