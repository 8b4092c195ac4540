"""The person's side: hears the frames of running turns and notes when they came."""

import asyncio
import time
from dataclasses import dataclass, field

from clara.messages import TurnStatus
from store import stream

PLATFORM = "cli"


@dataclass
class Heard:
    """What was heard of one turn; times are of the monotonic clock."""

    turn_id: str
    said: float = 0.0
    said_wall: float = 0.0
    first_text: float | None = None
    ended: float | None = None
    status: TurnStatus | None = None
    speaking: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seconds(self) -> float:
        """From before the message was handed over until its reply could be read."""
        assert self.ended is not None
        return self.ended - self.said


class Listener:
    """Run ``run`` as a task; ``expect`` before a message is said."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._heard: dict[str, Heard] = {}
        self.ready = asyncio.Event()

    def expect(self, turn_id: str) -> Heard:
        self._heard[turn_id] = Heard(turn_id)
        return self._heard[turn_id]

    async def run(self) -> None:
        async for frame in stream.listen(self._database_url, PLATFORM):
            now = time.monotonic()
            if frame is None:
                self.ready.set()
                continue
            heard = self._heard.get(frame.turn)
            if heard is None:
                continue
            if frame.kind == "text" and heard.first_text is None:
                heard.first_text = now
                heard.speaking.set()
            if frame.kind == "end":
                heard.ended, heard.status = now, frame.status
                heard.done.set()
                del self._heard[frame.turn]
