"""What every process takes before it has done anything: time to import, and memory."""

import asyncio
import subprocess
import sys
import time

from benchmarks import published
from benchmarks.figures import Aim, Figure, Spread, single
from benchmarks.rig.processes import memory_mb
from benchmarks.rig.stack import CLARA, Stack
from benchmarks.rig.talking import S1, Talk

IMPORTS = {
    "the command": "gateway.commands",
    "supervisor": "gateway.supervision.enduring",
    "worker": "workers.serving",
    "chat": "adapters.cli.chat.interactive",
}
_IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
CHAT_S = 5
WORKER_AIM = Aim(150)
VERSION_AIM = Aim(0.3)


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Memory is the proportional set size, with children; it grows with use, see the growth's figures."""
    figures = [
        Figure("clara --version", await _repeated(rounds, _version, stack), "s", aim=VERSION_AIM),
        *[
            Figure(
                f"Import: {name}",
                await _repeated(rounds, _import, stack, module),
                "s",
                peers=published.IMPORT if name == "worker" else "",
            )
            for name, module in IMPORTS.items()
        ],
    ]
    figures += await _idle(stack)
    figures.append(Figure("Idle memory: chat", single(await _chat(stack)), "MB"))
    await Talk(stack).ask(S1)
    used = max([memory_mb(pid) for pid in await stack.workers()])
    figures.append(Figure("Memory of the worker after a plain turn", single(used), "MB", aim=WORKER_AIM))
    return figures


async def _idle(stack: Stack) -> list[Figure]:
    figures = []
    for name, pid in (await stack.pids()).items():
        is_worker = name.startswith("worker")
        # The supervisor's children are the other processes.
        memory = memory_mb(pid, children=name != "supervisor")
        figures.append(
            Figure(
                f"Idle memory: {name}",
                *(single(memory), "MB"),
                baseline=single(memory_mb(stack.floor_pid)) if is_worker else None,
                peers=published.MEMORY if is_worker else "",
                aim=WORKER_AIM if is_worker else None,
            )
        )
    return figures


async def _repeated(rounds: int, once: object, *arguments: object) -> Spread:
    assert callable(once)
    return Spread.of([await asyncio.to_thread(once, *arguments) for _ in range(rounds)])


def _version(stack: Stack) -> float:
    began = time.monotonic()
    subprocess.run([CLARA, "--version"], env=dict(stack.variables), check=True, capture_output=True, timeout=60)
    return time.monotonic() - began


def _import(stack: Stack, module: str) -> float:
    command = [sys.executable, "-c", _IMPORT.format(module)]
    done = subprocess.run(
        command, env=dict(stack.variables), check=True, capture_output=True, text=True, timeout=60, cwd="/"
    )
    return float(done.stdout)


async def _chat(stack: Stack) -> float:
    """The chat while it waits for its first line."""
    process = await asyncio.create_subprocess_exec(
        *(CLARA, "chat", "--conversation", "idle"),
        env=dict(stack.variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await asyncio.sleep(CHAT_S)
    try:
        return memory_mb(process.pid)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)
