"""One turn with a model that takes no time: S1 is one model call; S2 is model, tool, model."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.figures import Aim, Figure, Spread, single
from benchmarks.rig import histories
from benchmarks.rig.plain import PlainLoop
from benchmarks.rig.processes import cpu_seconds
from benchmarks.rig.stack import Stack
from benchmarks.rig.talking import S1, S2, Closed, Talk, ask_floor, ask_ours

WARM_UP = 5
SETTLING_S = 0.3
"""After each turn: what the servers do afterwards belongs to its cost, and must not slow down the next one."""

LATENCY_AIM = Aim(1.3, of_ratio=True)


@dataclass
class Cost:
    """Of several turns, in milliseconds."""

    visible: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    worker_cpu: list[float] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)

    async def add(self, turn: Callable[[], Awaitable[Closed]], workers: list[int], servers: list[int]) -> None:
        """Run a turn and note what it cost, with what the processes do right after it."""
        before = [_cpu_ms(workers), _cpu_ms(servers)]
        closed = await turn()
        await asyncio.sleep(SETTLING_S)
        self.worker_cpu.append(_cpu_ms(workers) - before[0])
        self.server_cpu.append(_cpu_ms(servers) - before[1])
        self.visible.append(closed.visible * 1e3)
        self.closed.append(closed.closed * 1e3)


def _cpu_ms(pids: list[int]) -> float:
    return sum(map(cpu_seconds, pids)) * 1e3


def _mean(values: list[float]) -> Spread:
    # The kernel counts in steps of 10 ms: only the mean over many turns says something.
    return single(sum(values) / len(values))


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Clara's turn and the baseline's by turns, so that changes of the machine's speed affect both."""
    plain = PlainLoop(stack.models)
    try:
        return [
            *await _scenario(stack, rounds, plain, "S1", S1),
            *await _scenario(stack, rounds, plain, "S2", S2),
            *await _with_memory(stack, rounds // 2),
        ]
    finally:
        await plain.close()


async def _scenario(stack: Stack, rounds: int, plain: PlainLoop, name: str, text: str) -> list[Figure]:
    pids = await stack.pids()
    servers = [pids["temporal"], pids["postgres"]]
    talk = Talk(stack)
    for _ in range(WARM_UP):
        last = await ask_ours(stack, talk, text)
    history = await histories.of_run(stack.client.get_workflow_handle(last.workflow_id))
    for _ in range(WARM_UP):
        floor_history = await histories.of_run(
            stack.client.get_workflow_handle((await ask_floor(stack, history.activities)).workflow_id)
        )
        await plain.turn(text)
    ours, floor, alone = Cost(), Cost(), Cost()
    workers = [pid for process, pid in pids.items() if process.startswith("worker")]
    for _ in range(rounds):
        await ours.add(lambda: ask_ours(stack, talk, text), workers, servers)
        await floor.add(lambda: ask_floor(stack, history.activities), [stack.floor_pid], servers)
        alone.visible.append(await plain.turn(text) * 1e3)
    what = f"{name}, {history.activities} activit{'y' if history.activities == 1 else 'ies'}"
    return [
        Figure(
            f"{what}: until the reply is visible",
            *(Spread.of(ours.visible), "ms", Spread.of(floor.visible)),
            aim=LATENCY_AIM,
        ),
        Figure(
            f"{what}: until the workflow has closed",
            *(Spread.of(ours.closed), "ms", Spread.of(floor.closed)),
            aim=LATENCY_AIM,
        ),
        Figure(f"{name}: CPU of the worker", _mean(ours.worker_cpu), "ms", _mean(floor.worker_cpu)),
        Figure(f"{name}: CPU of the servers", _mean(ours.server_cpu), "ms", _mean(floor.server_cpu)),
        Figure(f"{name}: plain loop without Temporal", Spread.of(alone.visible), "ms"),
        Figure(f"{name}: events of the turn's history", single(history.events), "", single(floor_history.events)),
        Figure(f"{name}: bytes of the turn's history", single(history.bytes), "bytes", single(floor_history.bytes)),
    ]


async def _with_memory(stack: Stack, rounds: int) -> list[Figure]:
    """S1 as people have it by default: recall comes first, and learning begins when the reply is out."""
    talk, visible = Talk(stack, memory=True), []
    for _ in range(WARM_UP):
        last = await ask_ours(stack, talk, S1)
    history = await histories.of_run(stack.client.get_workflow_handle(last.workflow_id))
    for _ in range(rounds):
        await asyncio.sleep(SETTLING_S)
        visible.append((await ask_ours(stack, talk, S1)).visible * 1e3)
    name = f"S1 with memory, {history.activities} activities: until the reply is visible"
    return [Figure(name, Spread.of(visible), "ms")]
