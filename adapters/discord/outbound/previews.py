"""What is seen of an answer while it is made: typing, then a placeholder that grows.

Previews are best effort and the first thing to be given up; the final text is the delivery's.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import discord

from adapters.discord.address import Address
from adapters.discord.api.rate_limits import RateLimits
from adapters.discord.api.rest import PASSING, Json, Rest
from adapters.discord.outbound.outbox import Outbox
from clara.splitting import closed, split
from clara.stream import Assembly, Frame

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.3
"""An answer that is complete so soon needs no placeholder."""

EDIT_INTERVAL_S = 1.2
TYPING_INTERVAL_S = 8.0
TYPING_LIMIT_S = 120.0
PREVIEW_LIMIT_S = 50 * 60.0
"""After an hour Discord limits the edits of a message, and the last one must still be possible."""

WAIT_CHARACTERS = 240
"""Of what a turn waits for; who reads it has to know what to do about it."""

SHOWN_LIMIT = 1700
FINISH_LIMIT_S = 15.0
FINISHED_KEPT = 2000
"""Turns remembered, so that a frame that comes late is known to be late."""


class Previews:
    """The previews of all running turns."""

    def __init__(self, rest: Rest, outbox: Outbox, limits: RateLimits) -> None:
        self._rest = rest
        self._outbox = outbox
        self._limits = limits
        self._previews: dict[str, _Preview] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._typing: dict[int, tuple[str, asyncio.Task[None]]] = {}

    async def run(self, frames: AsyncIterator[Frame | None]) -> None:
        """Follow the frames of all turns on Discord, for ever."""
        async for frame in frames:
            if frame is not None:
                self._take(frame)

    def accepted(self, turn_id: str) -> None:
        """A message was accepted: show that something is being done about it."""
        channel = Address.of(turn_id).channel
        if channel not in self._typing and turn_id not in self._finished:
            self._typing[channel] = (turn_id, asyncio.create_task(self._type(channel, turn_id)))

    async def finish(self, turn_id: str) -> None:
        """No preview of the turn is written any more once this returns."""
        self._finish(turn_id)
        preview = self._previews.pop(turn_id, None)
        if preview is not None:
            await preview.stop()

    def close(self) -> None:
        for preview in self._previews.values():
            preview.task.cancel()
        for _, task in self._typing.values():
            task.cancel()

    def _take(self, frame: Frame) -> None:
        if frame.turn in self._finished or frame.kind in ("end", "correction", "message"):
            return
        if not Address.of(frame.turn).begins_with_a_preview:
            return  # nobody waits for it, and a crash could leave a placeholder that nobody finds again
        preview = self._previews.get(frame.turn)
        if preview is None:
            preview = _Preview(Address.of(frame.turn), self._limits, self._outbox.put)
            self._previews[frame.turn] = preview
            preview.task.add_done_callback(lambda _: self._gave_up(frame.turn))
        preview.add(frame)

    def _gave_up(self, turn_id: str) -> None:
        # Not to be tried again with the next frame: Discord counts requests that it refuses.
        self._previews.pop(turn_id, None)
        self._finish(turn_id)

    def _finish(self, turn_id: str) -> None:
        self._finished[turn_id] = None
        while len(self._finished) > FINISHED_KEPT:
            self._finished.popitem(last=False)

    async def _type(self, channel: int, turn_id: str) -> None:
        deadline = time.monotonic() + TYPING_LIMIT_S
        try:
            while time.monotonic() < deadline and turn_id not in self._finished:
                await asyncio.wait_for(self._rest.typing(channel), 20)
                for _ in range(int(TYPING_INTERVAL_S / 0.25)):
                    await asyncio.sleep(0.25)
                    preview = self._previews.get(turn_id)
                    if turn_id in self._finished or (preview is not None and preview.shown):
                        return
        except (discord.HTTPException, *PASSING) as error:
            log.debug("typing in %d failed: %s", channel, type(error).__name__)
        finally:
            del self._typing[channel]


class _Preview:
    """The placeholder of one turn."""

    def __init__(self, to: Address, limits: RateLimits, put: Callable[..., Awaitable[int]]) -> None:
        self._to = to
        self._limits = limits
        self._put = put
        self._assembly = Assembly()
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self.shown = ""
        self.task = asyncio.create_task(self._run())

    def add(self, frame: Frame) -> None:
        if self._assembly.add(frame):
            self._changed.set()

    async def stop(self) -> None:
        self._stopping.set()
        self._changed.set()
        # A request that is under way is better waited for than cut: then it is known what it did.
        done, _ = await asyncio.wait([self.task], timeout=FINISH_LIMIT_S)
        if not done:
            self.task.cancel()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _run(self) -> None:
        began = time.monotonic()
        try:
            await self._pause(FIRST_PAUSE_S)
            while time.monotonic() - began < PREVIEW_LIMIT_S:
                while not self._stopping.is_set() and (wait := self._limits.preview_in(self._to.channel)):
                    await self._pause(wait)
                if self._stopping.is_set():
                    return
                self._changed.clear()
                text = render(self._assembly)
                if text != self.shown:
                    started = time.monotonic()
                    await self._put(self._to, 0, text, [stop_button(self._to)])
                    self.shown = text
                    # Discord slows down: so do we.
                    await self._pause(max(EDIT_INTERVAL_S, 1.5 * (time.monotonic() - started)))
                async with asyncio.timeout(PREVIEW_LIMIT_S):
                    await self._changed.wait()
        except (discord.HTTPException, RuntimeError, *PASSING) as error:
            log.info("%s: preview given up: %s", self._to.id, type(error).__name__)
        except Exception:
            log.exception("%s: preview failed", self._to.id)


def render(assembly: Assembly) -> str:
    """The newest part of an unfinished answer, with what is being done in small print below it."""
    parts = split(assembly.text, SHOWN_LIMIT)
    text = closed(parts[-1]) if parts else ""
    lines = ["-# …", text] if len(parts) > 1 else [text] if text else []
    if assembly.waiting:
        lines.append(f"-# ⏳ waiting for {_one_line(assembly.waiting, WAIT_CHARACTERS)}")
    elif assembly.notice:
        lines.append(f"-# {_one_line(assembly.notice)}")
    elif assembly.tools:
        count = len(assembly.tools)
        lines.append(f"-# ⚙ {_one_line(assembly.tools[-1])}" + (f" (step {count})" if count > 1 else ""))
    return "\n".join(lines) or "…"


def _one_line(text: str, limit: int = 120) -> str:
    flat = " ".join(text.replace("`", "'").split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def stop_button(to: Address) -> Json:
    """A row with the Stop button; its id says what it stops, so that it works after any restart."""
    button = {"type": 2, "style": 4, "label": "Stop", "custom_id": f"{STOP_PREFIX}{to.id}"}
    return {"type": 1, "components": [button]}


STOP_PREFIX = "clara:stop:"
