"""What is away for long: turns that wait for somebody, everything switched off, a database that does not answer.

Real processes whose patience is scaled down, so that each absence outlasts it. Afterwards every accepted
message must have its own answer, and every write one effect.
"""

import asyncio
import os
import random
import signal
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.door import Door, open_door
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import load
from store.turns import turns, waits
from store.turns.waits import Wait
from tests.chaos.run import LOST, processes, run_clara, surroundings
from tests.chaos.world import World
from tests.loopback.models import ModelServer

VICTIMS = ("supervisor", "worker", "postgres", "temporal")
WEEKEND_S = 30.0
"""Longer than the scaled limits of release 2026.47 would have been, a tenth of today's."""

OUTAGE_S = 60.0
PATIENCE_S = 180.0


@dataclass
class AbsenceAccount:
    """What came of a run."""

    accepted: int = 0
    waited: int = 0
    kills: int = 0
    unanswered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [f"{name}: {found}" for name in ("unanswered", "wrong", "repeated") if (found := getattr(self, name))]


class Absence:
    def __init__(self, home: Path, seed: int) -> None:
        self._home = home
        self._random = random.Random(seed)
        self._world = World()
        self._said: dict[str, str] = {}
        self.account = AbsenceAccount()

    async def run(self) -> AbsenceAccount:
        with self._world:
            async with ModelServer() as models:
                environment = surroundings(self._home, "anthropic", models.url, self._world.url)
                environment["CLARA_TOOLS"] += ",tests.chaos.scaled"
                os.environ["CLARA_HOME"] = str(self._home)
                self._clara = lambda command: asyncio.to_thread(run_clara, environment, command)
                self._processes = lambda: asyncio.to_thread(processes, environment)
                await self._clara("start")
                try:
                    async with open_door(load()) as door:
                        await self._waiting_through_kills(door)
                        await self._weekend(door)
                        await self._outage(door)
                        await self._judge(door)
                finally:
                    await self._clara("stop")
        return self.account

    _clara: Callable[[str], Awaitable[None]]
    _processes: Callable[[], Awaitable[dict[str, int]]]

    async def _waiting_through_kills(self, door: Door) -> None:
        """Two turns wait and others pass them, while every process is killed; then the results come."""
        key = self._conversation()
        for _ in range(2):
            await self._say(door, key, 'use wait {"name": "%s"}', " => it came")
        asides = await self._waits(door, key, 2)
        for victim in VICTIMS:
            last = await self._say(door, key, 'use record {"name": "%s"}', "is recorded")
            await self._kill(victim)
            await self._ended(door, last)
        await self._kill(*VICTIMS)
        for wait in asides:
            await self._insist(lambda w=wait: door.bring(f"{w.turn_id}/{w.step}/{w.call_id}", "it came"))
            self.account.waited += 1
            await self._kill("worker")

    async def _weekend(self, door: Door) -> None:
        """Everything is killed in the middle of a write, with a message in the queue, and comes back late."""
        key = self._conversation()
        await self._say(door, key, 'use build {"name": "%s", "takes": 5}', "is recorded")
        await self._say(door, key, 'use record {"name": "%s"}', "is recorded")
        async with asyncio.timeout(PATIENCE_S):
            while not self._world.begun:
                await asyncio.sleep(0.02)
        await self._kill(*VICTIMS, start=False)
        await asyncio.sleep(WEEKEND_S)
        await self._clara("start")

    async def _outage(self, door: Door) -> None:
        """The database is killed again and again, for longer than any policy tries."""
        key = self._conversation()
        for _ in range(3):
            await self._say(door, key, 'use record {"name": "%s"}', "is recorded")
        ends = time.monotonic() + OUTAGE_S
        while time.monotonic() < ends:
            if pid := (await self._processes()).get("postgres"):
                os.kill(pid, signal.SIGKILL)
                self.account.kills += 1
            await asyncio.sleep(0.1)

    def _conversation(self) -> ConversationKey:
        return ConversationKey(platform="cli", channel=f"user/{self._number()}")

    def _number(self) -> str:
        return uuid.UUID(int=self._random.getrandbits(128)).hex[:10]

    async def _say(self, door: Door, key: ConversationKey, order: str, expected: str) -> str:
        number = self._number()
        message = Incoming(
            id=number,
            conversation=key,
            user=Person(id="cli:user", name="User"),
            text=f"[{number}] {order % number}",
            sent_at=datetime.now(UTC),
        )
        await self._insist(lambda: door.say(message))
        self._said[message.turn_id] = expected
        self.account.accepted += 1
        return message.turn_id

    async def _insist(self, act: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await act()
                except LOST:
                    await asyncio.sleep(0.3)
                else:
                    return

    async def _waits(self, door: Door, key: ConversationKey, count: int) -> list[Wait]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await door.store(waits.of_conversation, key)
                if len(found) == count:
                    return found
                await asyncio.sleep(0.1)

    async def _kill(self, *victims: str, start: bool = True) -> None:
        await self._clara("start")
        pids = await self._processes()
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
            self.account.kills += 1
        if start:
            await self._clara("start")

    async def _ended(self, door: Door, turn_id: str) -> turns.Turn | None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                turn = await door.store(turns.get, turn_id)
            except LOST:
                turn = None
            if turn is not None and turn.status != "running":
                return turn
            await asyncio.sleep(0.1)
        return None

    async def _judge(self, door: Door) -> None:
        for turn_id, expected in self._said.items():
            turn = await self._ended(door, turn_id)
            if turn is None:
                self.account.unanswered.append(turn_id)
            elif turn.status != "completed" or expected not in (turn.reply or ""):
                self.account.wrong.append(f"{turn_id}: {turn.status}: {turn.reply}")
        self.account.repeated = [key for key, count in self._world.effects.items() if count > 1]
