"""Attempts at a write that were killed, frozen or given up: what the next one does.

An attempt that was killed leaves nothing but its entry in the ledger, so here it is that entry.
"""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from activities.tools.writes import MAX_RUNS, Write, WriteOutcome, Writes
from clara.errors import Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store.database import Pool
from store.turns import turns
from store.turns.effects import Ledger
from tests.clara.test_conversation import message

GONE = timedelta(seconds=0.05)


def done(text: str) -> WriteOutcome:
    return WriteOutcome(ToolOutput(text, (), Provenance.CLARA))


class Service:
    """A tool, what its look says, and how often it ran."""

    def __init__(self, pool: Pool, verdict: Callable[[], Verdict] | None) -> None:
        self.ran = 0
        self.looked = 0
        self._verdict = verdict
        said = message(uuid.uuid4().hex)
        self.said = said
        self.pool = pool
        tool = Tool(
            "post", "Posts.", Arguments, self._run, effect=Effect.WRITE, verify=self._verify if verdict else None,
            timeout=timedelta(seconds=5), settles_within=timedelta(seconds=5),
        )  # fmt: skip
        self.write = Write(tool, Arguments(), Context(said, f"{said.turn_id}/0/c1", said.sent_at))
        self.writes = Writes(pool)

    async def _run(self, arguments: Arguments, context: Context) -> str:
        self.ran += 1
        await asyncio.sleep(0.2)
        return "number 17"

    async def _verify(self, arguments: Arguments, context: Context) -> Verdict:
        self.looked += 1
        assert self._verdict is not None
        return self._verdict()

    async def killed(self, lasts: timedelta = GONE) -> Ledger:
        """An attempt that began and was never heard of again."""
        await turns.begin(self.pool, self.said)
        ledger = Ledger(self.pool, self.write.context.key, self.said.turn_id, "post")
        entry = await ledger.find()
        assert await ledger.begin("hash", lasts, entry.attempt if entry else None) is not None
        await asyncio.sleep(GONE.total_seconds() * 2)
        return ledger

    async def attempt(self, may_wait: bool = True) -> WriteOutcome:
        await turns.begin(self.pool, self.said)
        return await ActivityEnvironment().run(self.writes.run, self.write, may_wait)


def not_done() -> Verdict:
    return Verdict("not_done")


def unreachable() -> Verdict:
    raise ConnectionRefusedError


async def test_killed_write_is_waited_for_while_it_may_arrive(pool: Pool) -> None:
    service = Service(pool, not_done)
    await service.killed(timedelta(minutes=5))
    with pytest.raises(Unavailable) as raised:
        await service.attempt()
    assert raised.value.retry_after is not None
    assert service.ran == 0


async def test_killed_write_without_effect_runs_again_once_it_can_no_longer_arrive(pool: Pool) -> None:
    service = Service(pool, not_done)
    await service.killed()
    assert await service.attempt() == done("number 17")
    assert await service.attempt() == done("number 17")
    assert service.ran == 1


async def test_killed_write_that_was_done_is_believed_at_once(pool: Pool) -> None:
    service = Service(pool, lambda: Verdict("done", "number 16"))
    await service.killed(timedelta(minutes=5))
    assert await service.attempt() == done("number 16")
    assert service.ran == 0


async def test_killed_write_that_cannot_be_looked_up_is_unknown_for_good(pool: Pool) -> None:
    service = Service(pool, None)
    await service.killed()
    for _ in range(2):
        outcome = await service.attempt()
        assert outcome.ambiguous
        assert "is unknown" in outcome.output.text
    assert service.ran == 0


async def test_write_whose_attempts_are_always_killed_is_given_up(pool: Pool) -> None:
    service = Service(pool, not_done)
    for _ in range(MAX_RUNS):
        await service.killed()
    outcome = await service.attempt()
    assert outcome.is_error
    assert not outcome.ambiguous
    assert outcome.output.text == f"post was begun {MAX_RUNS} times, never came to its end and had no effect."


async def test_service_that_stays_unreachable_leaves_the_outcome_unknown(pool: Pool) -> None:
    service = Service(pool, unreachable)
    await service.killed()
    for pause_s in (1, 2, 4, 8, 16, 32):
        with pytest.raises(Unavailable) as raised:
            await service.attempt()
        assert raised.value.retry_after == timedelta(seconds=pause_s)
    assert (await service.attempt()).ambiguous
    assert service.ran == 0


async def test_last_attempt_says_unknown_and_never_not_done(pool: Pool) -> None:
    service = Service(pool, not_done)
    await service.killed(timedelta(minutes=5))
    assert (await service.attempt(may_wait=False)).ambiguous
    assert service.ran == 0


async def test_only_one_of_many_attempts_runs_whoever_they_are(pool: Pool) -> None:
    service = Service(pool, not_done)
    await turns.begin(pool, service.said)
    found: list[Any] = []

    async def attempt(writes: Writes) -> None:
        try:
            found.append(await ActivityEnvironment().run(writes.run, service.write, True))
        except Unavailable as error:
            found.append(error)

    workers = [Writes(pool) for _ in range(3)]
    await asyncio.gather(*(attempt(writes) for writes in workers * 2))
    assert service.ran == 1
    assert [each for each in found if isinstance(each, WriteOutcome)] == [done("number 17")]


async def test_attempt_that_was_frozen_until_its_time_was_over_sends_nothing(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(pool, not_done)
    begin = Ledger.begin

    async def frozen(ledger: Ledger, *arguments: Any) -> float | None:
        began = await begin(ledger, *arguments)
        return began - 3600 if began is not None else None

    monkeypatch.setattr(Ledger, "begin", frozen)
    with pytest.raises(Unavailable, match="may still take effect"):
        await service.attempt()
    assert service.ran == 0


async def test_late_success_of_a_given_up_attempt_counts(pool: Pool) -> None:
    service = Service(pool, not_done)
    first = await service.killed(timedelta(minutes=5))
    assert (await service.attempt(may_wait=False)).ambiguous
    await first.settle("committed", "number 16")
    assert await service.attempt() == done("number 16")
