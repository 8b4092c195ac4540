"""Code in a sandbox, with each back end that is on this machine: a box made, and a command in a box that is warm.

A command is ``true``, from the call until nothing of it runs any more. Beside it stands what the back end is made of,
in the same box and by turns: ``docker exec``, and bubblewrap without anything around it.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from activities.sandbox.backend import Backend, Command, Limits
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.docker import DockerBackend
from activities.sandbox.running import run
from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.stack import Stack
from tests import dockerd, needs

LIMITS = Limits(memory_mib=512, cpus=1.0, processes=128, disk_mib=1024)
"""Those that Clara has where nobody sets any."""

INSTALLATION = "bench"
BOX = "benchmark0"
WARM_S = {"Docker": Aim(0.3), "bubblewrap": Aim(0.1)}
TRUE = Command(["true"])
COMMAND_S = 60

Bare = Callable[[], Awaitable[None]]


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Needs nothing of Clara's processes. What is not on this machine has no figures."""
    figures: list[Figure] = []
    if needs.found("dockerd") and os.geteuid() == 0:
        async with _docker() as (backend, bare):
            figures += await _figures("Docker", backend, bare, rounds)
    if needs.found("bubblewrap"):
        with tempfile.TemporaryDirectory(prefix="clara-bench-boxes-") as folder:
            backend = BubblewrapBackend(Path(folder), LIMITS)
            if (await backend.probe()).usable:
                figures += await _figures("bubblewrap", backend, _bare_bubblewrap, rounds)
            await backend.close()
    return figures


@asynccontextmanager
async def _docker() -> AsyncIterator[tuple[Backend, Bare]]:
    with dockerd.dockerd() as daemon:
        backend = DockerBackend(INSTALLATION, dockerd.IMAGE, LIMITS, daemon.host)
        docker = shutil.which("docker", path=needs.SEARCHED) or "docker"

        async def bare() -> None:
            await _run(docker, "--host", daemon.host, "exec", f"clara-{INSTALLATION}-{BOX}", "true")

        yield backend, bare
        await backend.close()


async def _bare_bubblewrap() -> None:
    await _run("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "true")


async def _figures(name: str, backend: Backend, bare: Bare, rounds: int) -> list[Figure]:
    cold = [await _timed(lambda: _cold(backend)) for _ in range(max(3, rounds // 8))]
    warm, baseline = [], []
    for _ in range(rounds):
        warm.append(await _timed(lambda: _warm(backend)))
        baseline.append(await _timed(bare))
    await backend.wipe(BOX)
    return [
        Figure(f"Sandbox, {name}: a new box and its first command", Spread.of(cold), "s"),
        Figure(
            f"Sandbox, {name}: a command in a warm box",
            *(Spread.of(warm), "s"),
            baseline=Spread.of(baseline),
            aim=WARM_S[name],
        ),
    ]


async def _cold(backend: Backend) -> None:
    await backend.wipe(BOX)
    await backend.start(BOX)
    await _warm(backend)


async def _warm(backend: Backend) -> None:
    done = await run(backend, BOX, TRUE, COMMAND_S)
    assert done.code == 0, done


async def _timed(once: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await once()
    return time.perf_counter() - began


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0, command
