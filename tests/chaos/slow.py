"""Writes at a service that takes seconds to finish them, under kills and under stops, and the account of it.

The service goes on with what it was asked when whoever asked has died, and shows nothing before the end.
A write must take effect once, and whoever stops one must be told what became of it.
"""

import asyncio
import os
import random
import signal
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.door import Door, open_door
from clara.conversation import Stop
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import load
from store.turns import turns
from store.turns.turns import Turn
from tests.chaos.run import LOST, processes, run_clara, surroundings
from tests.chaos.world import World
from tests.loopback.models import ModelServer

ROUNDS: Sequence[tuple[float, tuple[str, ...]]] = (
    (5, ("worker",)),
    (10, ("worker",)),
    (20, ("postgres", "temporal")),
    (20, ("supervisor", "worker", "postgres", "temporal")),
)
"""How long the service takes, and what is killed meanwhile."""

TOGETHER = 5
"""Writes under way at each of these kills."""

STOPS = 10
PATIENCE_S = 180


@dataclass
class SlowAccount:
    """What came of a run."""

    writes: int = 0
    kills: int = 0
    stops: int = 0
    stop_s: list[float] = field(default_factory=list)
    """From the wish to the reply that says so."""
    repeated: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [
            f"{name}: {found}"
            for name in ("repeated", "missing", "unanswered", "untold")
            if (found := getattr(self, name))
        ]


class SlowServices:
    def __init__(self, home: Path, seed: int) -> None:
        self._home = home
        self._random = random.Random(seed)
        self._world = World()
        self.account = SlowAccount()

    async def run(self) -> SlowAccount:
        with self._world:
            async with ModelServer() as models:
                environment = surroundings(self._home, "anthropic", models.url, self._world.url)
                os.environ["CLARA_HOME"] = str(self._home)
                await asyncio.to_thread(run_clara, environment, "start")
                try:
                    async with open_door(load()) as door:
                        for takes, victims in ROUNDS:
                            await self._kill_in_the_middle(door, environment, takes, victims)
                        await asyncio.gather(*(self._stop_in_the_middle(door) for _ in range(STOPS)))
                finally:
                    await asyncio.to_thread(run_clara, environment, "stop")
        return self.account

    async def _kill_in_the_middle(
        self, door: Door, environment: dict[str, str], takes: float, victims: tuple[str, ...]
    ) -> None:
        messages = [await self._begin(door, takes) for _ in range(TOGETHER)]
        await asyncio.sleep(self._random.uniform(0.1, 1.5))
        pids = await asyncio.to_thread(processes, environment)
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
            self.account.kills += 1
        if "supervisor" in victims:
            await asyncio.to_thread(run_clara, environment, "start")
        for message in messages:
            turn = await self._until(door, message, "is recorded")
            self._judge(message)
            if turn is None:
                self.account.unanswered.append(message.turn_id)

    async def _stop_in_the_middle(self, door: Door) -> None:
        message = await self._begin(door, takes=5)
        await asyncio.sleep(self._random.uniform(0, 3))
        began = time.monotonic()
        await door.stop(message.conversation, Stop(by=message.user.id))
        stopped = await self._until(door, message, "Stopped.")
        self.account.stops += 1
        self.account.stop_s.append(time.monotonic() - began)
        corrected = await self._until(door, message, f"Correction: build ({message.id}) was done")
        self._judge(message)
        if stopped is None or "I do not know yet" not in (stopped.reply or "") or corrected is None:
            self.account.untold.append(f"{message.turn_id}: {stopped.reply if stopped else 'no reply'}")

    async def _begin(self, door: Door, takes: float) -> Incoming:
        """Ask for a write in a conversation of its own; returns once the service works on it."""
        number = uuid.UUID(int=self._random.getrandbits(128)).hex[:10]
        message = Incoming(
            id=number,
            conversation=ConversationKey(platform="cli", channel=f"user/{number}"),
            user=Person(id="cli:user", name="User"),
            text=f'[{number}] use build {{"name": "{number}", "takes": {takes}}}',
            sent_at=datetime.now(UTC),
        )
        await door.say(message)
        async with asyncio.timeout(PATIENCE_S):
            while not self._world.begun[f"/{number}"]:
                await asyncio.sleep(0.02)
        self.account.writes += 1
        return message

    async def _until(self, door: Door, message: Incoming, words: str) -> Turn | None:
        """The turn once its reply holds ``words``; None if it never does."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                turn = await door.store(turns.get, message.turn_id)
            except LOST:
                turn = None
            if turn is not None and words in (turn.reply or ""):
                return turn
            await asyncio.sleep(0.05)
        return None

    def _judge(self, message: Incoming) -> None:
        done = self._world.effects[f"/{message.id}"]
        if done > 1 or self._world.begun[f"/{message.id}"] > 1:
            self.account.repeated.append(message.turn_id)
        if not done:
            self.account.missing.append(message.turn_id)
