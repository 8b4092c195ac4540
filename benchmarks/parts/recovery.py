"""A worker is killed in the middle of a model call, and another one takes over."""

import asyncio
import os
import signal
import time

from benchmarks import published
from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.model import EVENTS_AROUND, paced
from benchmarks.rig.stack import Stack, pid_of
from benchmarks.rig.talking import TURN_S, Talk

WORDS, PAUSE_MS = 24, 100
MODEL_S = (WORDS + EVENTS_AROUND) * PAUSE_MS / 1e3
KILL_AFTER_S = 1.5
BESIDE_AIM = Aim(3)


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Needs a stack with two workers. Seconds from the kill until the reply is visible."""
    talk = Talk(stack)
    await talk.ask("Hello.")
    undisturbed = [(await talk.ask(paced(WORDS, PAUSE_MS))).seconds for _ in range(3)]
    whole, beside = [], []
    for _ in range(rounds):
        await stack.workers_poll()
        calls = len(stack.models.log)
        heard = await talk.say(paced(WORDS, PAUSE_MS))
        await stack.models.wait_until(lambda log, calls=calls: len(log) > calls, TURN_S)  # type: ignore[misc]
        await asyncio.sleep(KILL_AFTER_S)
        victim = await _holder(stack, heard.turn_id)
        killed = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        await asyncio.wait_for(heard.done.wait(), TURN_S)
        assert heard.status == "completed", heard
        assert heard.ended is not None
        second = stack.models.log[-1]
        await stack.models.wait_until(lambda _, second=second: second.ended, TURN_S)  # type: ignore[misc]
        assert second.ended is not None
        whole.append(heard.ended - killed)
        beside.append(heard.ended - killed - (second.ended - second.began))
    return [
        Figure("An undisturbed turn whose model takes 3 s", Spread.of(undisturbed), "s"),
        Figure("Recovery: from the kill to the reply", Spread.of(whole), "s", peers=published.RECOVERY),
        Figure("Recovery: the same without the model's own time", Spread.of(beside), "s", aim=BESIDE_AIM),
    ]


async def _holder(stack: Stack, turn_id: str) -> int:
    """The pid of the worker that runs the turn's activity."""
    description = await stack.client.get_workflow_handle(turn_id).describe()
    (pending,) = description.raw_description.pending_activities
    pid = pid_of(pending.last_worker_identity)
    assert pid in await stack.workers(), pending.last_worker_identity
    return pid
