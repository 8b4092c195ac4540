"""Following a turn to its end: its frames as they come, and the store, whose word is final."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from math import inf

from pydantic import ValidationError

from adapters.cli.render.printable import one_line
from adapters.door import Door
from clara.errors import Unreachable
from clara.messages import ConversationKey
from clara.stream import Frame
from store.turns import turns, waits
from store.turns.turns import Turn

log = logging.getLogger(__name__)

REMEMBERED = 5_000
"""Turns of which it is known when they began."""

POLL_FIRST_S = 0.5
POLL_LAST_S = 2.0
HEALTH_S = 5.0
"""After so long without news the server is asked whether it is there at all."""


class Frames:
    """Hands the frames of this platform's turns to whoever follows them."""

    def __init__(self, door: Door, platform: str) -> None:
        self._door = door
        self._platform = platform
        self._queues: dict[str, asyncio.Queue[Frame]] = {}
        self._begun: dict[str, int] = {}
        self._numbers = count()
        self.overheard: Callable[[Frame | None], None] = _ignore
        """What nobody follows: other turns' frames, corrections of ended ones, notices; None when listening begins."""

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            try:
                async for frame in self._door.frames(self._platform):
                    if frame is None or frame.kind in ("correction", "message"):
                        self.overheard(frame)
                        continue
                    self.note(frame.turn)
                    if frame.turn in self._queues:
                        self._queues[frame.turn].put_nowait(frame)
                    else:
                        self.overheard(frame)
            except ValidationError as error:
                log.warning("a frame that is none, perhaps of another version: %s", error)

    def note(self, turn_id: str) -> None:
        """The turn has begun, if that was not known before."""
        if turn_id not in self._begun:
            self._begun[turn_id] = next(self._numbers)
        if len(self._begun) > REMEMBERED:
            del self._begun[next(iter(self._begun))]

    def begun(self, turn_id: str) -> float:
        """A number that is higher for a turn that began later, as far as could be heard; infinity if it has not."""
        return self._begun.get(turn_id, inf)

    @contextmanager
    def of(self, turn_id: str) -> Iterator[asyncio.Queue[Frame]]:
        queue = self._queues.setdefault(turn_id, asyncio.Queue())
        try:
            yield queue
        finally:
            self._queues.pop(turn_id, None)

    def expect(self, turn_id: str) -> None:
        """Keep the frames of a turn that will be followed soon."""
        self._queues.setdefault(turn_id, asyncio.Queue())


def _ignore(_: Frame | None) -> None:
    """Where only the turns that were asked for are shown."""


@dataclass(frozen=True)
class Silence:
    """There was no frame for a while."""

    seconds: float
    turn: Turn | None
    """As the store knows it: None if no worker has begun it, or if the store does not answer."""
    before: str | None
    """The turn that the conversation is busy with, where this one has not begun because of it."""
    trouble: str | None
    """What does not answer."""
    wait: str | None = None
    """What this turn waits for, outside of Clara; the messages after it are answered meanwhile."""


async def follow(door: Door, frames: Frames, turn_id: str) -> AsyncGenerator[Frame | Silence | Turn, None]:
    """News of a turn; the last of them, and only that, is the turn as it ended."""
    with frames.of(turn_id) as queue:
        heard = checked = time.monotonic()
        pause = POLL_FIRST_S
        while True:
            frame = await _next(queue, pause)
            if frame is not None and frame.kind != "end":
                heard, pause = time.monotonic(), POLL_FIRST_S
                yield frame
                continue
            pause = min(pause * 1.5, POLL_LAST_S)
            seen = await look(door, turn_id)
            turn, problem = seen.turn, seen.trouble
            if turn is not None and turn.status != "running":
                yield turn
                return
            now = time.monotonic()
            if problem is None and min(now - heard, now - checked) > HEALTH_S:
                problem = await door.outage()
                checked = time.monotonic() if problem is None else checked
            yield replace(seen, seconds=now - heard, trouble=problem)


async def look(door: Door, turn_id: str) -> Silence:
    """What the store knows of the turn; StackFault if it refuses to tell, and not for now."""
    try:
        turn = await door.store(turns.get, turn_id)
        if turn is not None:
            return Silence(0, turn, None, None, await _wait(door, turn))
        key = ConversationKey.parse(turn_id.removeprefix("turn/").rpartition("/")[0])
        for other in await door.store(turns.recent, key, limit=1):
            if other.status == "running" and await _wait(door, other) is None:
                return Silence(0, None, other.id, None)
        return Silence(0, None, None, None)
    except Unreachable as error:
        return Silence(0, None, None, error.problem)


async def _wait(door: Door, turn: Turn) -> str | None:
    """What a turn at work waits for, outside of Clara."""
    if turn.status != "running":
        return None
    found = (await door.store(waits.of_turns, [turn.id])).get(turn.id, [])
    return next((wait.about for wait in found if wait.ended_at is None), None)


async def _next(queue: asyncio.Queue[Frame], timeout: float) -> Frame | None:
    try:
        async with asyncio.timeout(timeout):
            return await queue.get()
    except TimeoutError:
        return None


def waiting_for(silence: Silence) -> str | None:
    """In plain words, what a silent turn waits for; None while the silence is short."""
    if silence.trouble:
        return f"{silence.trouble}; trying again"
    if silence.wait:
        return f"waiting for {one_line(silence.wait, 200)}"
    if silence.before:
        return "accepted; the message before it comes first"
    if silence.turn is None and silence.seconds >= 3:
        return "accepted; no worker has picked it up yet"
    if silence.turn is not None and silence.seconds >= 10:
        return "begun; the model has not answered yet"
    return None
