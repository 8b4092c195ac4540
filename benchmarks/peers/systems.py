"""The systems that are compared: each answers a message of a conversation, in a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from temporalio.client import Client, WorkflowHandle

from benchmarks.rig.stack import ROOT, Stack, polled
from benchmarks.rig.talking import TURN_S, Talk

PYTHON = ROOT / ".venv-peers" / "bin" / "python"
SERVING = Path(__file__).with_name("serving")
START_S = 60


class System(Protocol):
    """One of those compared."""

    name: str
    remembers: bool
    """It answers with the conversation before it, so that a long one costs it something."""

    @property
    def pid(self) -> int:
        """The process whose work a turn is, beside the servers."""
        ...

    async def ask(self, talk: str | None, text: str) -> float:
        """Seconds until the reply can be read; without ``talk`` in a new conversation."""
        ...


class Clara:
    name = "Clara"
    remembers = True

    def __init__(self, stack: Stack, pid: int) -> None:
        self.pid: int = pid
        self._stack = stack
        self._talks: dict[str, Talk] = {}

    async def ask(self, talk: str | None, text: str) -> float:
        if talk is None:
            return (await Talk(self._stack).ask(text)).seconds
        return (await self._talks.setdefault(talk, Talk(self._stack)).ask(text)).seconds


@dataclass
class OnTemporal:
    """A peer whose worker is on Clara's Temporal server: a workflow a turn, or one a conversation with updates."""

    name: str
    pid: int
    client: Client
    remembers: bool = True
    _talks: dict[str, WorkflowHandle[Any, Any]] = field(default_factory=dict)

    async def ask(self, talk: str | None, text: str) -> float:
        queue = f"peer-{self.name}"
        if talk is None:
            began = time.monotonic()
            id = f"{self.name}/{uuid.uuid4().hex}"
            await asyncio.wait_for(
                self.client.execute_workflow(f"{self.name}-turn", text, id=id, task_queue=queue), TURN_S
            )
            return time.monotonic() - began
        if talk not in self._talks:
            id = f"{self.name}/{talk}/{uuid.uuid4().hex}"
            self._talks[talk] = await self.client.start_workflow(f"{self.name}-talk", id=id, task_queue=queue)
        began = time.monotonic()
        await asyncio.wait_for(self._talks[talk].execute_update("say", text), TURN_S)
        return time.monotonic() - began


@dataclass
class InProcess:
    """A peer that runs in the process that asks, and keeps what it does in Clara's Postgres."""

    name: str
    process: asyncio.subprocess.Process
    remembers: bool

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ask(self, talk: str | None, text: str) -> float:
        began = time.monotonic()
        await self.say({"talk": talk or uuid.uuid4().hex, "text": text})
        return time.monotonic() - began

    async def say(self, line: Mapping[str, str]) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(line)}\n".encode())
        return await self.hear()

    async def hear(self) -> str:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), TURN_S)
        if not line:
            raise RuntimeError(f"{self.name} has ended")
        return str(json.loads(line))


@asynccontextmanager
async def peers(client: Client, address: str, database_url: str, model_url: str) -> AsyncIterator[list[System]]:
    """Start all peers; each is ended afterwards."""
    started: list[asyncio.subprocess.Process] = []

    async def start(script: str, *arguments: str, **secrets: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(str(PYTHON), str(SERVING / script), *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.defpath, "OPENAI_AGENTS_DISABLE_TRACING": "1", "OPENAI_API_KEY": "none", **secrets},
        )
        started.append(process)
        return process

    try:
        systems: list[System] = []
        for name in ("openai-agents", "pydantic-ai"):
            process = await start(f"{name.replace('-', '_')}_worker.py", address, model_url)
            systems.append(OnTemporal(name, process.pid, client))
        for name, remembers in (("langgraph", True), ("dbos", False)):
            process = await start(f"{name}_turns.py", model_url, DATABASE_URL=database_url)
            systems.append(InProcess(name, process, remembers))
        for system in systems:
            if isinstance(system, OnTemporal):
                await polled(client, f"peer-{system.name}", {system.pid})
            elif isinstance(system, InProcess):
                await asyncio.wait_for(system.hear(), START_S)
        yield systems
    finally:
        for process in started:
            if process.returncode is None:
                process.terminate()
        for process in started:
            await process.wait()


@asynccontextmanager
async def model(port: int) -> AsyncIterator[str]:
    """The model's server in a process of its own; yields its address."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.peers.model", str(port), cwd=ROOT)
    try:
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        await process.wait()
