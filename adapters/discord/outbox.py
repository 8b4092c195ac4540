"""The messages that belong to a turn: each is at Discord once, whatever dies in between.

A part is claimed in the store before it is sent. Whoever comes later, even in another process,
sends it under the same nonce, which Discord answers with the message it has; and where the nonce
may be forgotten, looks for the message before sending it again.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

import discord

from adapters.discord.rest import Json, Rest, Upload
from clara.messages import ConversationKey
from store import discord as store
from store.database import Pool

log = logging.getLogger(__name__)

NONCE_WINDOW_S = 90.0
"""Discord keeps nonces unique for "the past few minutes"; after this we look first."""

UNKNOWN_MESSAGE = 10008
TOO_OLD_TO_EDIT = 30046
"""Messages above an hour may be edited a few times only."""


@dataclass(frozen=True)
class Address:
    """Where the messages of a turn go: a channel, in reply to the message that asked."""

    turn_id: str
    channel: int
    trigger: int

    @classmethod
    def of(cls, turn_id: str) -> "Address":
        """``turn/discord/<channel>/<message>``."""
        conversation, _, message = turn_id.removeprefix("turn/").rpartition("/")
        return cls(turn_id, int(ConversationKey.parse(conversation).channel), int(message))


class Outbox:
    def __init__(self, pool: Pool, rest: Rest, myself: int) -> None:
        self._pool = pool
        self._rest = rest
        self._myself = str(myself)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def put(
        self, to: Address, part: int, content: str, components: Sequence[Json] = (), uploads: Sequence[Upload] = ()
    ) -> int:
        """Make a part of a turn read ``content``, by sending or editing it; returns its message id.

        Raises discord.HTTPException where Discord says no.
        """
        lock = self._locks.setdefault(to.turn_id, asyncio.Lock())
        async with lock:
            for _ in range(3):
                written = await self._try(to, part, content, components, uploads)
                if written is not None:
                    return written
        raise RuntimeError(f"{to.turn_id}: part {part} is deleted as often as it is sent")

    async def _try(
        self, to: Address, part: int, content: str, components: Sequence[Json], uploads: Sequence[Upload]
    ) -> int | None:
        body: Json = {"content": content, "components": list(components)}
        sent = await store.claim(self._pool, to.turn_id, part)
        message_id = sent.message_id
        if message_id is None and not sent.first and sent.age_s > NONCE_WINDOW_S:
            message_id = await self._find(to, part, content)
            if message_id is not None:
                await store.record(self._pool, to.turn_id, part, message_id)
        if message_id is None:
            # A part after the first is a plain message: a reply to the same words again only makes noise.
            reference = {} if part else {"message_reference": _reference(to)}
            nonce = f"{to.trigger}.{part}.{sent.attempt}"
            message = await self._rest.create(to.channel, nonce, {**body, **reference}, uploads)
            message_id = int(message["id"])
            await store.record(self._pool, to.turn_id, part, message_id)
            if sent.first:
                return message_id
        try:
            await self._rest.edit(to.channel, message_id, body, uploads)
        except discord.HTTPException as error:
            if error.code not in (UNKNOWN_MESSAGE, TOO_OLD_TO_EDIT):
                raise
            log.info("%s: message %d cannot be edited, sending another", to.turn_id, message_id)
            if error.code == TOO_OLD_TO_EDIT:
                await self._rest.delete(to.channel, message_id)
            await store.renew(self._pool, to.turn_id, part, message_id)
            return None
        return message_id

    async def _find(self, to: Address, part: int, content: str) -> int | None:
        """The message of a part, if it is in the channel: the first by what it replies to, others by their words."""
        position = to.trigger
        for _ in range(10):
            page = await self._rest.after(to.channel, position)
            for message in page:
                if message["author"]["id"] != self._myself:
                    continue
                referred = (message.get("message_reference") or {}).get("message_id")
                if referred == str(to.trigger) if part == 0 else message["content"] == content.strip():
                    return int(message["id"])
            if len(page) < 100:
                return None
            position = int(page[-1]["id"])
        return None


def _reference(to: Address) -> Json:
    return {"message_id": str(to.trigger), "channel_id": str(to.channel), "fail_if_not_exists": False}
