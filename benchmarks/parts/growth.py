"""One conversation that goes on and on: what does turn 1,000 cost beside turn 10?"""

import asyncio
from dataclasses import dataclass, field

from benchmarks.figures import Aim, Figure, Spread, single
from benchmarks.rig import histories
from benchmarks.rig.histories import History, run_of_turn
from benchmarks.rig.processes import memory_mb
from benchmarks.rig.stack import Stack
from benchmarks.rig.talking import S1, Talk, ask_floor, ask_ours
from clara.messages import ConversationKey
from store.turns import turns
from temporal.ids import conversation_id

MARKS = (10, 100, 300, 1_000, 2_000)
WIDTH = 10
PAUSE_S = 0.2
RESTARTS = 3
RESTART_AIM = Aim(1)
NEW_AIM = Aim(1.15)
FLAT_AIM = Aim(1.15)
"""The machine may be slower or faster than at turn 10, so each turn is taken beside its own baseline."""


@dataclass
class Window:
    """Turns around a mark, with the baseline's between them."""

    mark: int
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    """First turns of new conversations, taken between them."""
    turn: History | None = None

    @property
    def ratio(self) -> float:
        return Spread.of(self.ours).p50 / Spread.of(self.floor).p50

    @property
    def first(self) -> int:
        return self.mark - WIDTH // 2 + 1

    @property
    def last(self) -> int:
        return self.mark + WIDTH // 2


async def measure(stack: Stack, length: int) -> list[Figure]:
    """``length`` turns, those around the marks unhurried and timed."""
    talk = Talk(stack, "growth")
    windows = [Window(mark) for mark in MARKS if mark <= length]
    said = 0
    for window in windows:
        while said + 1 < window.first:
            await talk.ask(S1)
            said += 1
        while said < window.last:
            await _timed(stack, talk, window)
            said += 1
    while said < length:
        await talk.ask(S1)
        said += 1
    memory = [memory_mb(pid) for pid in await stack.workers()]
    figures = await _account(stack, talk, windows, said)
    figures += [Figure(f"Memory of the worker after {said} turns", single(max(memory)), "MB")]
    return [*figures, *await _restarts(stack, talk, said)]


async def _timed(stack: Stack, talk: Talk, window: Window) -> None:
    await asyncio.sleep(PAUSE_S)
    window.floor.append((await ask_floor(stack, activities=1)).visible * 1e3)
    await asyncio.sleep(PAUSE_S)
    ours = await ask_ours(stack, talk, S1)
    window.ours.append(ours.visible * 1e3)
    await asyncio.sleep(PAUSE_S)
    window.fresh.append((await ask_ours(stack, Talk(stack), S1)).visible * 1e3)
    window.turn = await histories.of_run(stack.client.get_workflow_handle(ours.workflow_id))


async def _account(stack: Stack, talk: Talk, windows: list[Window], said: int) -> list[Figure]:
    runs = await histories.of_all_runs(stack.client, conversation_id(talk.key))
    figures: list[Figure] = []
    for window in windows:
        figures.append(
            Figure(
                f"Growth: turn {window.mark:,}, until the reply is visible",
                *(Spread.of(window.ours), "ms", Spread.of(window.floor)),
            )
        )
    for window in windows:
        figures.append(
            Figure(
                f"Growth: ratio of turn {window.mark:,} to the first of a new conversation",
                *(single(Spread.of(window.ours).p50 / Spread.of(window.fresh).p50), "x"),
                aim=NEW_AIM,
            )
        )
    if len(windows) > 1:
        first, last = windows[0], windows[-1]
        figures.append(
            Figure(
                f"Growth: ratio of turn {last.mark:,} to that of turn {first.mark:,}",
                *(single(last.ratio / first.ratio), "x"),
                aim=FLAT_AIM,
            )
        )
    for window in windows:
        run, turn = run_of_turn(runs, window.mark), window.turn
        assert turn is not None
        name = f"Growth: turn {window.mark:,}"
        size = turn.bytes + run.bytes / run.turns
        figures += [
            Figure(f"{name}, bytes of history", single(round(size)), "bytes"),
            Figure(f"{name}, events of history", single(round(turn.events + run.events / run.turns, 1)), ""),
        ]
    lost = said - await _completed(stack, talk.key)
    return [
        *figures,
        Figure(f"Growth: continued as new within {said:,} turns", single(len(runs) - 1), ""),
        Figure(f"Growth: messages of {said:,} without an answer", single(lost), "", aim=Aim(0)),
    ]


async def _completed(stack: Stack, key: ConversationKey) -> int:
    found = await stack.door.store(turns.recent, key, limit=10 * MARKS[-1])
    return sum(turn.status == "completed" for turn in found)


async def _restarts(stack: Stack, talk: Talk, said: int) -> list[Figure]:
    """The first turn that a worker answers: it has to replay the conversation's history."""
    long, fresh = [], []
    for _ in range(RESTARTS):
        await _restart(stack)
        long.append((await talk.ask(S1)).seconds)
        await _restart(stack)
        fresh.append((await Talk(stack).ask(S1)).seconds)
    return [
        Figure(
            f"First turn after a worker's restart, after {said:,} turns",
            *(Spread.of(long), "s"),
            aim=RESTART_AIM,
        ),
        Figure("The same in a new conversation", Spread.of(fresh), "s", aim=RESTART_AIM),
    ]


async def _restart(stack: Stack) -> None:
    await stack.command("restart", "worker")
    await stack.workers_poll()
