"""Following a turn to its end: its frames as they come, and the store, whose word is final."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from pydantic import ValidationError

from adapters.cli import trouble
from adapters.door import Door
from clara.messages import ConversationKey
from clara.stream import Frame
from store import stream, turns
from store.turns import Turn

log = logging.getLogger(__name__)

POLL_FIRST_S = 0.5
POLL_LAST_S = 2.0
HEALTH_S = 5.0
"""After so long without news the server is asked whether it is there at all."""


class Frames:
    """Hands the frames of this platform's turns to whoever follows them."""

    def __init__(self, database_url: str, platform: str) -> None:
        self._database_url = database_url
        self._platform = platform
        self._queues: dict[str, asyncio.Queue[Frame]] = {}

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            try:
                async for frame in stream.listen(self._database_url, self._platform):
                    if frame is not None and frame.turn in self._queues:
                        self._queues[frame.turn].put_nowait(frame)
            except ValidationError as error:
                log.warning("a frame that is none, perhaps of another version: %s", error)

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


@dataclass(frozen=True)
class Silence:
    """There was no frame for a while."""

    seconds: float
    turn: Turn | None
    """As the store knows it: None if no worker has begun it, or if the store does not answer."""
    behind: bool
    """It has not begun because the conversation is busy with an earlier message."""
    trouble: str | None
    """What does not answer."""


async def follow(door: Door, frames: Frames, turn_id: str) -> AsyncIterator[Frame | Silence | Turn]:
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
            turn, behind, problem = await _look(door, turn_id)
            if turn is not None and turn.status != "running":
                yield turn
                return
            now = time.monotonic()
            if problem is None and min(now - heard, now - checked) > HEALTH_S:
                problem = await trouble.of_temporal(door.client)
                checked = time.monotonic() if problem is None else checked
            yield Silence(now - heard, turn, behind, problem)


async def _look(door: Door, turn_id: str) -> tuple[Turn | None, bool, str | None]:
    """The turn as the store has it, whether another one is at work instead, and what does not answer."""
    try:
        turn = await turns.get(door.pool, turn_id)
        if turn is not None:
            return turn, False, None
        key = ConversationKey.parse(turn_id.removeprefix("turn/").rpartition("/")[0])
        newest = await turns.recent(door.pool, key, limit=1)
        return None, any(other.status == "running" for other in newest), None
    except psycopg.Error as error:
        problem = trouble.sentence(error)
        if problem is None:
            raise trouble.as_unavailable(error) from error
        return None, False, problem


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
    if silence.behind:
        return "accepted; the message before it comes first"
    if silence.turn is None and silence.seconds >= 3:
        return "accepted; no worker has picked it up yet"
    if silence.turn is not None and silence.seconds >= 10:
        return "begun; the model has not answered yet"
    return None
