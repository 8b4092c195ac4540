"""The activity that sends the reply of an ended turn: the part of a turn that this process serves."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import discord
from temporalio import activity
from temporalio.exceptions import ApplicationError

from adapters.discord.live import Live
from adapters.discord.outbox import Address, Outbox
from adapters.discord.rest import PASSING, Upload
from clara.splitting import split
from clara.turn import Delivery
from store import turns
from store.database import Pool
from store.turns import Turn
from temporal.contracts import Adapter

log = logging.getLogger(__name__)

MAX_PARTS = 4
"""Messages of one answer; a longer one is attached as a file."""

LATE = timedelta(minutes=15)
"""An answer begun so long after the question says so."""

BEAT_S = 1.0
UPLOAD_LIMIT = 9 * 2**20
"""Bytes; Discord takes 10 MiB."""


@dataclass(frozen=True)
class Outgoing:
    content: str
    uploads: tuple[Upload, ...] = ()


class Deliverer(Adapter):
    def __init__(self, pool: Pool, outbox: Outbox, live: Live) -> None:
        self._pool = pool
        self._outbox = outbox
        self._live = live

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        async with _beating():
            turn = await turns.get(self._pool, delivery.turn_id)
            if turn is None:
                raise ApplicationError("the turn is not in the store", type="undeliverable", non_retryable=True)
            await self._live.finish(turn.id)
            try:
                await self._send(turn)
            except discord.HTTPException as error:
                raise _failure(turn.id, error) from error
            except PASSING as error:
                raise ApplicationError(
                    f"Discord cannot be reached: {type(error).__name__}", type="connection"
                ) from error
            await turns.mark_shown(self._pool, turn.id)

    async def _send(self, turn: Turn) -> None:
        to = Address.of(turn.id)
        text = compose(turn)
        parts = split(text)
        if len(parts) > MAX_PARTS:
            try:
                await self._outbox.put(to, 0, *_as_file(text))
                return
            except discord.Forbidden:
                log.info("%s: no file may be attached here, sending %d messages", turn.id, len(parts))
        for index, part in enumerate(parts[:100]):
            await self._outbox.put(to, index, part)


def compose(turn: Turn) -> str:
    """The words of the reply."""
    reply = (turn.reply or "").strip() or "I have nothing to say to that."
    waited = turn.started_at - turn.message.sent_at
    if waited < LATE:
        return reply
    asked = int(turn.message.sent_at.timestamp())
    return f"-# Sorry that this is late: you wrote <t:{asked}:R>.\n{reply}"


def _as_file(text: str) -> tuple[str, tuple[()], tuple[Upload, ...]]:
    start = split(text, 1500)[0]
    upload = Upload("answer.md", text.encode()[:UPLOAD_LIMIT])
    return f"{start}\n\n-# … this goes on in the attached file.", (), (upload,)


def _failure(turn_id: str, error: discord.HTTPException) -> ApplicationError:
    """Whether another attempt can help."""
    words = f"Discord refused the reply: {error.status}, code {error.code}"
    if error.status == 401 or error.status >= 500:
        return ApplicationError(words, type="unavailable")
    if error.status == 429:
        return ApplicationError(words, type="rate_limit", next_retry_delay=_retry_after(error))
    log.error("%s cannot be delivered: %s", turn_id, words)
    return ApplicationError(words, type="undeliverable", non_retryable=True)


def _retry_after(error: discord.HTTPException) -> timedelta:
    """The pause that was asked for; a refusal without one comes from Cloudflare and lasts."""
    asked = error.response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(asked), 3600) if asked.isdigit() else 60)


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Heartbeats for as long as the block runs: a delivery may wait for Discord."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
