"""Turns through real processes that are killed with SIGKILL at random, and the account of it.

The message of every turn asks for a write; the model server obeys. While turns run, a killer ends
the worker, Postgres, Temporal and the supervisor, each chosen by a seeded random. Afterwards every
accepted message must have one answer, every write at most one effect, and every doubt must be told.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from temporalio.client import Client

from adapters.door import Door, open_door
from clara.errors import StackFault
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import environment, load
from gateway.errors import NotRunning
from gateway.home import Home
from gateway.supervision import claim
from gateway.supervision.supervisord import attach
from store.database import Pool
from store.turns import effects, turns
from temporal.client import connect
from tests.chaos.world import World
from tests.loopback.models import KEY, ModelServer

CLARA = Path(sys.executable).with_name("clara")
VICTIMS = {"worker": 5, "postgres": 2, "temporal": 2, "supervisor": 1}
START_S = 120
WAIT_S = 600
"""For answers, when nobody says anything any more."""
PATIENCE = 6
"""Times the turns that were asked for, that may be said until there were enough kills."""

BACKLOG = 8
"""Messages of a conversation that may wait for their answers: a speaker who never waits only measures the queue."""

LOST = (StackFault, OSError)


@dataclass
class Account:
    """What came of a run."""

    turns: int
    """At least."""
    accepted: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    kills_in_turns: int = 0
    unanswered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    doubtful: int = 0
    untold: list[str] = field(default_factory=list)
    answered_twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def faults(self) -> list[str]:
        return [
            f"{name}: {found}"
            for name in ("unanswered", "wrong", "repeated", "missing", "untold", "answered_twice", "out_of_order")
            if (found := getattr(self, name))
        ]


class Chaos:
    def __init__(self, home: Path, provider: str, turn_count: int, kills: int, seed: int, conversations: int) -> None:
        self._random = random.Random(seed)
        self._home = home
        self._provider = provider
        self._kills = kills
        self._keys = [ConversationKey(platform="cli", channel=f"user{n}/chaos") for n in range(conversations)]
        self._said: dict[str, list[str]] = {key.id: [] for key in self._keys}
        self._tools: dict[str, str] = {}
        self._running = True
        self.account = Account(turn_count)

    async def run(self) -> Account:
        began = time.monotonic()
        with World() as world:
            async with ModelServer() as models:
                environment = surroundings(self._home, self._provider, models.url, world.url)
                os.environ["CLARA_HOME"] = str(self._home)
                await self._start(environment)
                try:
                    async with open_door(load()) as door:
                        await self._talk(door, environment)
                        await self._start(environment)  # and wait until all is up again
                        await self._judge(door, world)
                finally:
                    await asyncio.to_thread(run_clara, environment, "stop")
        self.account.seconds = time.monotonic() - began
        return self.account

    async def _start(self, environment: dict[str, str]) -> None:
        await asyncio.to_thread(run_clara, environment, "start")

    async def _talk(self, door: Door, environment: dict[str, str]) -> None:
        """Say everything and wait for all answers, while the killer goes about."""
        killer = asyncio.create_task(self._kill(door, environment))
        speakers = [self._speak(door, key) for key in self._keys]
        await asyncio.gather(*speakers)
        await self._settled(door, WAIT_S, self._everything())
        self._running = False
        await killer

    async def _speak(self, door: Door, key: ConversationKey) -> None:
        share = self.account.turns // len(self._keys)
        for n in count():
            if n >= share and (self._killed() >= self._kills or n >= share * PATIENCE):
                return  # not sooner: the kills are to hit running turns, however fast these have become
            message_id = f"{n:04d}-{uuid.UUID(int=self._random.getrandbits(128)).hex[:6]}"
            tool = "shout" if n % 4 == 3 else "record"
            thing = f"{key.channel.replace('/', '.')}.{message_id}"
            message = Incoming(
                id=message_id,
                conversation=key,
                user=Person(id=f"cli:{key.channel.split('/')[0]}", name="User"),
                text=f'[{message_id}] use {tool} {{"name": "{thing}"}}',
                sent_at=datetime.now(UTC),
            )
            await self._accept(door, message)
            self._said[key.id].append(message.turn_id)
            self._tools[message.turn_id] = f"/{thing}"
            await asyncio.sleep(self._random.uniform(0.1, 1.0))
            await self._settled(door, WAIT_S, [*self._said[key.id]], BACKLOG)

    async def _accept(self, door: Door, message: Incoming) -> None:
        """Say it until it is accepted, as an adapter does; now and then once more than needed."""
        while True:
            try:
                await door.say(message)
                if self._random.random() < 0.3:
                    await door.say(message)
            except LOST:
                await asyncio.sleep(0.3)
            else:
                self.account.accepted += 1
                return

    async def _kill(self, door: Door, environment: dict[str, str]) -> None:
        while self._running and self._killed() < self._kills:
            await asyncio.sleep(self._random.uniform(0.5, 2.5))
            if not await self._busy(door):
                continue
            (victim,) = self._random.choices(list(VICTIMS), list(VICTIMS.values()))
            pids = await asyncio.to_thread(processes, environment)
            if pid := pids.get(victim):
                os.kill(pid, signal.SIGKILL)
                self.account.kills[victim] += 1
                self.account.kills_in_turns += 1
            if victim == "supervisor" or not pids:
                await self._start(environment)

    def _killed(self) -> int:
        return sum(self.account.kills.values())

    async def _busy(self, door: Door) -> bool:
        """Whether a turn runs at this moment, so that a kill hits it."""
        try:
            return await door.store(_turns_run)
        except LOST:
            return False

    async def _settled(self, door: Door, seconds: float, ids: Sequence[str], waiting: int = 0) -> None:
        """Wait until at most so many of these turns are open."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if len(await self._open(door, ids)) <= waiting:
                    return
            except LOST:
                await asyncio.sleep(0.5)
            await asyncio.sleep(0.3)

    async def _open(self, door: Door, ids: Sequence[str]) -> list[str]:
        ended = await door.store(_ended, ids)
        return [turn_id for turn_id in ids if turn_id not in ended]

    def _everything(self) -> list[str]:
        return [turn_id for said in self._said.values() for turn_id in said]

    async def _judge(self, door: Door, world: World) -> None:
        account = self.account
        client = await connect(environment(), load().runtime.temporal_address)
        account.unanswered = await self._open(door, self._everything())
        for conversation, said in self._said.items():
            answered = await door.store(turns.recent, ConversationKey.parse(conversation), len(said) + 1)
            if [turn.id for turn in answered] != said:
                account.out_of_order.append(conversation)
            for turn in answered:
                await self._judge_turn(door, client, world, turn)
        account.repeated = [key for key, count in world.effects.items() if count > 1]

    async def _judge_turn(self, door: Door, client: Client, world: World, turn: Any) -> None:
        account = self.account
        runs = [w async for w in client.list_workflows(f"WorkflowId = '{turn.id}'")]
        if len(runs) != 1:
            account.answered_twice.append(turn.id)
        reply = turn.reply or ""
        done = world.effects[self._tools[turn.id]]
        unknown = await door.store(effects.unsettled, turn.id)
        account.doubtful += len(unknown)
        if unknown and "I do not know whether" not in reply:
            account.untold.append(turn.id)
        if turn.status != "completed" or f"[{turn.message.id}]" not in reply:
            account.wrong.append(f"{turn.id}: {turn.status}: {reply[:200]}")
        if not done and not unknown:
            account.missing.append(turn.id)


async def _turns_run(pool: Pool) -> bool:
    async with pool.connection(timeout=2) as connection:
        row = await (await connection.execute("select count(*) as n from turns where status = 'running'")).fetchone()
    return bool(row and row["n"])


async def _ended(pool: Pool, ids: Sequence[str]) -> set[str]:
    async with pool.connection(timeout=2) as connection:
        rows = await (
            await connection.execute("select id from turns where id = any(%s) and status <> 'running'", (list(ids),))
        ).fetchall()
    return {row["id"] for row in rows}


def surroundings(home: Path, provider: str, models: str, world: str) -> dict[str, str]:
    """The environment of a Clara under test, whose models and tools speak to loopback servers."""
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    root = str(Path(__file__).parents[2])
    variables = {
        "CLARA_HOME": str(home),
        "CLARA_ENV_FILE": os.devnull,
        "CLARA_TOOLS": "tests.chaos.tools",
        "CLARA_TEST_WORLD": world,
        "PYTHONPATH": root,
        "LLM_PROVIDER": provider,
    }
    if provider == "anthropic":
        access = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": models, "ANTHROPIC_MODEL": "obey-30"}
    else:
        access = {
            "CUSTOM_OPENAI_API_KEY": KEY,
            "CUSTOM_OPENAI_BASE_URL": f"{models}/v1",
            "CUSTOM_OPENAI_MODEL": "obey-30",
        }
    return {**keep, **variables, **access}


def run_clara(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [CLARA, *arguments], env=environment, timeout=START_S, check=False, capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"clara {' '.join(arguments)} failed: {done.stdout[-500:]} {done.stderr[-1500:]}")


def processes(environment: dict[str, str]) -> dict[str, int]:
    """Pids of what runs, by name; empty while nothing does."""
    home = Home(Path(environment["CLARA_HOME"]))
    try:
        supervisor = attach(home)
        found = supervisor.processes() if supervisor else []
    except NotRunning:
        return {}
    boss = claim.holder(home, "supervisor")
    pids = {process.name: process.pid for process in found if process.state == "running" and process.pid}
    return pids | ({"supervisor": boss} if found and boss else {})
