"""Clara as people run her: ``clara start`` in a home of its own, her model on loopback."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from adapters.door import Door, open_door
from benchmarks.rig.floor import QUEUE as FLOOR_QUEUE
from benchmarks.rig.listening import Listener
from benchmarks.rig.model import answer
from clara.settings import environment, load
from temporal import queues
from temporal.client import RPC_TIMEOUT, connect
from tests.loopback.models import KEY, ModelServer

CLARA = Path(sys.executable).with_name("clara")
ROOT = Path(__file__).parents[2]
COMMAND_S = 180
POLLING_S = 60
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass
class Stack:
    """Everything that a measurement needs, while it runs."""

    variables: Mapping[str, str]
    models: ModelServer
    door: Door
    client: Client
    listener: Listener
    floor_pid: int
    temporal_address: str
    database_url: str

    async def command(self, *arguments: str) -> str:
        """Run ``clara`` with these arguments; RuntimeError if it fails."""
        return await asyncio.to_thread(clara, self.variables, *arguments)

    async def pids(self) -> dict[str, int]:
        """The running processes by name."""
        found = json.loads(await self.command("status", "--json"))
        return {p["name"]: p["pid"] for p in found["processes"] if p["state"] == "running"}

    async def workers(self) -> list[int]:
        return [pid for name, pid in (await self.pids()).items() if name.startswith("worker")]

    async def workers_poll(self) -> None:
        """Return once every worker that the supervisor runs asks Temporal for work."""
        wanted = set(await self.workers())
        await polled(self.client, queues.TURNS, wanted)


def clara(variables: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [CLARA, *arguments],
        env=dict(variables),
        timeout=COMMAND_S,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )
    if done.returncode:
        raise RuntimeError(f"clara {' '.join(arguments)} failed: {done.stdout[-500:]} {done.stderr[-1500:]}")
    return done.stdout


async def polled(client: Client, queue: str, pids: set[int]) -> None:
    """Return once all of these processes poll ``queue`` for workflow tasks and for activities."""
    async with asyncio.timeout(POLLING_S):
        for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
            request = DescribeTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            )
            while True:
                found = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
                if pids <= {pid_of(poller.identity) for poller in found.pollers}:
                    break
                await asyncio.sleep(0.02)


def pid_of(identity: str) -> int:
    """The process that a worker's default identity, ``<pid>@<host>``, names; 0 for any other."""
    pid = identity.partition("@")[0]
    return int(pid) if pid.isdigit() else 0


@asynccontextmanager
async def running(
    home: Path, models: ModelServer, workers: int = 1, model: Mapping[str, str] | None = None
) -> AsyncIterator[Stack]:
    """Start Clara and the baseline's worker; stop both afterwards. ``model``: settings of another one than ours."""
    ours = {
        "LLM_PROVIDER": "anthropic",
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": models.url,
        "ANTHROPIC_MODEL": "loopback",
    }
    variables = {
        **{name: value for name, value in environment().items() if name in KEPT},
        "PYTHONPATH": str(ROOT),
        "CLARA_HOME": str(home),
        "CLARA_ENV_FILE": os.devnull,
        "CLARA_WORKERS": str(workers),
        **(model or ours),
    }
    await asyncio.to_thread(clara, variables, "start")
    try:
        settings = load(variables)
        address, database_url = settings.runtime.temporal_address, settings.runtime.database_url
        assert address
        assert database_url
        client = await connect(variables, address)
        async with open_door(settings) as door, _floor(client, address, variables) as floor_pid:
            listener = Listener(database_url)
            listening = asyncio.create_task(listener.run())
            await asyncio.wait_for(listener.ready.wait(), 10)
            stack = Stack(variables, models, door, client, listener, floor_pid, address, database_url)
            await stack.workers_poll()
            try:
                yield stack
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
    finally:
        await asyncio.to_thread(clara, variables, "stop")


@asynccontextmanager
async def _floor(client: Client, address: str, variables: Mapping[str, str]) -> AsyncIterator[int]:
    command = [sys.executable, "-m", "benchmarks.rig.floor", address]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=dict(variables))
    try:
        await polled(client, FLOOR_QUEUE, {process.pid})
        yield process.pid
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)


@asynccontextmanager
async def model_server() -> AsyncIterator[ModelServer]:
    async with ModelServer(answer) as models:
        yield models
