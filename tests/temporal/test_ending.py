"""Tasks that go on beside others, and that do not want to end."""

import asyncio

import pytest

from temporal.processes import ending
from temporal.processes.ending import end


async def test_a_task_that_drops_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    dropped = 0

    async def work() -> None:
        nonlocal dropped
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                dropped += 1
                if dropped > 2:
                    raise

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end(task)
    assert (task.cancelled(), dropped) == (True, 3)


async def test_one_that_never_ends_is_told_and_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    over = asyncio.Event()

    async def stubborn() -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn(), name="counting sheep")
    await asyncio.sleep(0)
    await end(task, within_s=0.05)
    assert "counting sheep did not end within 0.05 s" in caplog.text
    over.set()
    await task


async def test_what_has_ended_is_left_alone() -> None:
    task = asyncio.create_task(asyncio.sleep(0, "done"))
    await task
    await end(task)
    assert task.result() == "done"
    await end()
