"""Real processes around the loopback Discord, and what one waits for in its channels."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import nursery
from tests.loopback.discord import Channel, FakeDiscord
from tests.loopback.discord.world import Json
from tests.loopback.models import Plan, Reply, Request, obey
from tests.nursery import Born
from tests.patience import PATIENCE_S

ANSWER = "I have thought about it: this is the answer to number"


def script(request: Request) -> Plan:
    """What the model answers: long, slow, or with tools, as its newest message asks for."""
    text = request.user_text
    if found := re.search(r"write (\d+) words every (\d+) ms", text):
        return Reply(" ".join(f"word{n}" for n in range(int(found[1]))), pause_s=int(found[2]) / 1000)
    if found := re.search(r"write (\d+) lines of code", text):
        return Reply("```python\n" + "\n".join(f"    value_{n} = {n}" for n in range(int(found[1]))) + "\n```\nThere.")
    if re.search(r"use \w+", text):
        return obey(request)
    if numbers := re.findall(r"message (\S+) of \S+", text):
        return Reply(f"{ANSWER} {numbers[-1]}", pause_s=0.1)
    return Reply(f"You said: {text}")


@dataclass
class Process:
    """One of Clara's own processes."""

    module: str
    environment: dict[str, str]
    log: Path
    imported: Sequence[str] = ()
    process: Born | None = field(default=None, init=False)
    started_at: float = 0.0

    async def start(self) -> None:
        assert self.process is None or self.process.returncode is not None
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = nursery.start(
                self.module, env=self.environment, stdout=log, stderr=log, cwd="/", imported=self.imported
            )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def end(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        except TimeoutError:
            await self.kill()
            raise


@dataclass
class Stage:
    """The adapter at work with everything behind it."""

    fake: FakeDiscord
    adapter: Process
    worker: Process
    old: Channel
    """Somebody mentioned her there before she was started for the first time."""

    async def connected(self) -> None:
        """Wait until the adapter follows the gateway and its first look around is over."""
        await eventually(
            lambda: self.fake.gateway.connected == 1 or not self.adapter.running,
            "the adapter did not connect",
            self.adapter.log,
        )
        assert self.adapter.running, _end(self.adapter.log)

    async def answer(self, channel: Channel, trigger: int, seconds: float = PATIENCE_S) -> Json:
        """The final reply to a message: one without a Stop button."""
        await eventually(
            lambda: self.replies(channel, trigger, final=True), f"no answer to {trigger}", self.adapter.log, seconds
        )
        return self.replies(channel, trigger, final=True)[0]

    def replies(self, channel: Channel, trigger: int, final: bool = False) -> list[Json]:
        """What Clara wrote in reply to a message."""
        return [
            message
            for message in self.fake.from_clara(channel)
            if (message.get("message_reference") or {}).get("message_id") == str(trigger)
            and not (final and message["components"])
        ]


async def eventually(met: Callable[[], object], otherwise: str, log: Path, seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise}; the end of its log:\n{_end(log)}")
        await asyncio.sleep(0.02)


def _end(log: Path) -> str:
    return log.read_text()[-3000:]


def environment(home: Path, **variables: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CLARA_HOME": str(home),
        "CLARA_ENV_FILE": os.devnull,
        "SANDBOX_MODE": "off",  # or each worker would look for one
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
