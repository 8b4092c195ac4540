"""What runs beside a part's activities ends with it."""

import asyncio
import logging

import pytest

from temporal.processes import ending
from workers.parts import loops
from workers.parts.loops import beside


async def test_what_swallows_a_cancellation_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    monkeypatch.setattr(loops, "END_S", 0.5)
    swallowed = 0

    async def insists() -> None:
        nonlocal swallowed
        while swallowed < 3:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                swallowed += 1

    async with asyncio.timeout(10):
        async with beside(insisting=insists()):
            await asyncio.sleep(0)
    assert swallowed == 3


async def test_what_never_ends_is_given_up_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    monkeypatch.setattr(loops, "END_S", 0.5)
    over = asyncio.Event()

    async def never() -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(10), beside(going_on=never()):
            await asyncio.sleep(0)
    assert "going on did not end within" in caplog.text
    over.set()
    await asyncio.sleep(0.01)


async def test_what_breaks_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks() -> None:
        raise RuntimeError("broken")

    with caplog.at_level(logging.ERROR):
        async with beside(looking_after_things=breaks()):
            await asyncio.sleep(0.01)
    assert "looking after things ended, and is not done any more" in caplog.text
