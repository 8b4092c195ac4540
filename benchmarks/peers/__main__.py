"""``make bench-peers``: all systems on one server, by turns, with one model that takes no time."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from benchmarks.figures import Aim, Figure, Spread, single
from benchmarks.peers.model import TOOL
from benchmarks.peers.systems import PYTHON, Clara, OnTemporal, System, model, peers
from benchmarks.rig.processes import cpu_seconds
from benchmarks.rig.stack import model_server, running
from benchmarks.rig.talking import S1
from benchmarks.table import markdown, table
from temporal.processes.leaving import leave
from tests.loopback.models import KEY
from tests.ports import free_port

S2 = f"{S1} {TOOL}"
WARM_UP = 5
SETTLING_S = 0.3
LONG = 100
"""Turns of a long conversation."""

CONVERSATIONS, TURNS_EACH, THROUGHPUT_ROUNDS = 50, 4, 3
FIRST = "openai-agents"
LATENCY_AIM = Aim(1.2, of_ratio=True)
CPU_AIMS = {"S1": Aim(35), "S2": Aim(55)}
WIDTH = 150

Ask = Callable[[System, str], Awaitable[float]]


@dataclass
class Cost:
    """Of one system's turns, in milliseconds."""

    visible: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    servers: list[float] = field(default_factory=list)


@click.command()
@click.option("--rounds", default=30, show_default=True, envvar="ROUNDS", help="Turns of each kind and system.")
@click.option("--markdown", "page", type=click.Path(path_type=Path), help="Write the table to this file as well.")
def main(rounds: int, page: Path | None) -> None:
    """Measure Clara and other projects side by side."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if not PYTHON.exists():
        raise click.ClickException("The other projects are not installed. Run: make bench-peers")
    figures = asyncio.run(run(rounds))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table(figures, "Side by side, p50 (p95)", FIRST))
    if page is not None:
        page.write_text(markdown(figures))
    leave(0)


async def run(rounds: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="clara-bench-") as folder:
        async with model_server() as unused, model(free_port()) as url:
            variables = {
                "LLM_PROVIDER": "openai",
                "CUSTOM_OPENAI_API_KEY": KEY,
                "CUSTOM_OPENAI_BASE_URL": url,
                "CUSTOM_OPENAI_MODEL": "loopback",
            }
            async with running(Path(folder) / "home", unused, model=variables) as stack:
                pids = await stack.pids()
                servers = [pids["temporal"], pids["postgres"]]
                (worker,) = [pid for name, pid in pids.items() if name.startswith("worker")]
                async with peers(stack.client, stack.temporal_address, stack.database_url, url) as others:
                    systems = [Clara(stack, worker), *others]
                    return [
                        *await _new(systems, servers, rounds),
                        *await _long(systems, servers, rounds),
                        *await _throughput(systems),
                    ]


async def _new(systems: list[System], servers: list[int], rounds: int) -> list[Figure]:
    async def ask(system: System, text: str) -> float:
        return await system.ask(None, text)

    for system in systems:
        for _ in range(WARM_UP):
            await ask(system, S2)
    return await _compared("a new conversation", systems, servers, rounds, ask)


async def _long(systems: list[System], servers: list[int], rounds: int) -> list[Figure]:
    async def ask(system: System, text: str) -> float:
        return await system.ask("long", text)

    remembering = [system for system in systems if system.remembers]
    for system in remembering:
        for _ in range(LONG - rounds):
            await ask(system, S1)
    return await _compared(f"turn {LONG}", remembering, servers, rounds, ask)


async def _compared(what: str, systems: list[System], servers: list[int], rounds: int, ask: Ask) -> list[Figure]:
    """By turns, so that changes of the machine's speed meet all of them."""
    found: dict[tuple[str, str], Cost] = {}
    for _ in range(rounds):
        for name, text in (("S1", S1), ("S2", S2)):
            for system in systems:
                cost = found.setdefault((name, system.name), Cost())
                before = cpu_seconds(system.pid), sum(map(cpu_seconds, servers))
                cost.visible.append(await ask(system, text) * 1e3)
                await asyncio.sleep(SETTLING_S)
                cost.worker.append((cpu_seconds(system.pid) - before[0]) * 1e3)
                cost.servers.append((sum(map(cpu_seconds, servers)) - before[1]) * 1e3)
    figures = []
    for name in ("S1", "S2"):
        first = found[name, FIRST]
        for system in systems:
            cost, is_ours = found[name, system.name], isinstance(system, Clara)
            title = f"{name}, {what}, {system.name}"
            figures += [
                Figure(
                    f"{title}: until the reply can be read",
                    *(Spread.of(cost.visible), "ms", Spread.of(first.visible)),
                    aim=LATENCY_AIM if is_ours else None,
                ),
                # The kernel counts in steps of 10 ms: only the mean over many turns says something.
                Figure(
                    f"{title}: CPU of its process",
                    *(single(sum(cost.worker) / rounds), "ms", single(sum(first.worker) / rounds)),
                    aim=CPU_AIMS[name] if is_ours else None,
                ),
                Figure(
                    f"{title}: CPU of the servers",
                    *(single(sum(cost.servers) / rounds), "ms", single(sum(first.servers) / rounds)),
                ),
            ]
    return figures


async def _throughput(systems: list[System]) -> list[Figure]:
    """Of those whose turns run beside each other as they are started here; by turns, as all else."""
    speeds: dict[str, list[float]] = {}
    for _ in range(THROUGHPUT_ROUNDS):
        for system in systems:
            if isinstance(system, Clara | OnTemporal):
                speeds.setdefault(system.name, []).append(await _speed(system))
    first = Spread.of(speeds[FIRST])
    return [
        Figure(f"Turns a second, {CONVERSATIONS} conversations, S1, {name}", Spread.of(found), "/s", first)
        for name, found in speeds.items()
    ]


async def _speed(system: System) -> float:
    async def speak(number: int) -> None:
        for _ in range(TURNS_EACH):
            await system.ask(f"busy {number}", S1)

    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(speak(number) for number in range(CONVERSATIONS)))
    return CONVERSATIONS * TURNS_EACH / (asyncio.get_running_loop().time() - began)


if __name__ == "__main__":
    main()
