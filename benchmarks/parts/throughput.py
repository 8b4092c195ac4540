"""Many conversations at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from benchmarks.figures import Figure, Spread, single
from benchmarks.rig.stack import Stack
from benchmarks.rig.talking import S1, Talk, ask_floor

CONVERSATIONS = 50


async def measure(stack: Stack, turns_each: int) -> list[Figure]:
    """Turns a second while every conversation says its next message as soon as it has its reply."""
    talks = [Talk(stack) for _ in range(CONVERSATIONS)]

    async def ours(talk: Talk) -> float:
        return (await talk.ask(S1)).seconds

    async def floor(_: Talk) -> float:
        return (await ask_floor(stack, activities=1)).visible

    speed, latencies = await _all(talks, turns_each, ours)
    floor_speed, floor_latencies = await _all(talks, turns_each, floor)
    return [
        Figure(f"Turns a second, {CONVERSATIONS} conversations, S1", single(speed), "/s", single(floor_speed)),
        Figure("Wait for a reply meanwhile", Spread.of(latencies), "s", Spread.of(floor_latencies)),
    ]


async def _all(
    talks: list[Talk], turns_each: int, turn: Callable[[Talk], Awaitable[float]]
) -> tuple[float, list[float]]:
    async def speak(talk: Talk) -> list[float]:
        return [await turn(talk) for _ in range(turns_each)]

    began = time.monotonic()
    found = await asyncio.gather(*(speak(talk) for talk in talks))
    latencies = [seconds for each in found for seconds in each]
    return len(latencies) / (time.monotonic() - began), latencies
