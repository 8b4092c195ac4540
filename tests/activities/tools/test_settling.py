"""After a turn has ended: what became of the writes that its reply could not tell."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.tools.catalogue import Catalogue
from activities.tools.offers import Offers
from activities.tools.run import ToolActivities
from activities.tools.tool import Arguments, Context, Tool, Verdict
from activities.tools.toolset import fixed
from activities.turns.closing import TurnActivities
from clara.errors import Unavailable
from clara.llm.models import Usage
from clara.messages import ToolCallPart
from clara.tools.tool import Effect
from clara.turn import CloseRequest
from store.database import Pool
from store.turns import steps, turns
from store.turns.effects import Ledger
from store.turns.steps import Step
from tests.clara.test_conversation import message
from tests.gates import open_gate

SOON = timedelta(seconds=1)


class Thing(Arguments):
    name: str = ""


class Stopped:
    """A turn that was stopped with one write for each of ``names`` under way, which all last a second."""

    def __init__(self, pool: Pool, shown: set[str], *names: str) -> None:
        self.said = message(uuid.uuid4().hex)
        self.shown = shown
        self._pool = pool
        self._names = names
        self.tool = Tool("post", "Posts.", Thing, self._run, effect=Effect.WRITE, verify=self._verify)

    async def _run(self, arguments: Thing, context: Context) -> str:
        raise AssertionError("it is never run again")

    async def _verify(self, arguments: Thing, context: Context) -> Verdict:
        return Verdict("done" if arguments.name in self.shown else "not_done", f"posted {arguments.name}")

    async def close(self) -> str:
        """End the turn; returns its reply."""
        calls = tuple(ToolCallPart(id=name, name="post", arguments={"name": name}) for name in self._names)
        await turns.begin(self._pool, self.said)
        async with self._pool.connection() as connection:
            await steps.save(connection, Step(self.said.turn_id, 0, calls, "scripted", "m", 0, Usage()))
        for name in self._names:
            key = f"{self.said.turn_id}/0/{name}"
            await Ledger(self._pool, key, self.said.turn_id, "post", name).begin("hash", SOON)
        closing = TurnActivities(self._pool, None)  # type: ignore[arg-type]
        await closing.close(CloseRequest(incoming=self.said, status="stopped", will_look=True))
        return await self.reply()

    async def reply(self) -> str:
        turn = await turns.get(self._pool, self.said.turn_id)
        assert turn is not None
        return turn.reply or ""

    async def settle(self, tools: tuple[Tool[Thing], ...] | None = None) -> str:
        catalogue = Catalogue([fixed("test", (self.tool,) if tools is None else tools)])
        activities = ToolActivities(self._pool, Offers(self._pool, catalogue), open_gate(self._pool), "UTC")
        return await ActivityEnvironment().run(activities.settle, self.said.turn_id)


async def test_all_outcomes_are_waited_for_and_told_in_one_correction(pool: Pool) -> None:
    stopped = Stopped(pool, {"a"}, "a", "b")
    told = await stopped.close()
    for name in ("a", "b"):
        assert f"I do not know yet whether post ({name}) took effect" in told
    with pytest.raises(Unavailable) as raised:
        await stopped.settle()
    assert raised.value.retry_after is not None
    assert raised.value.retry_after <= SOON
    assert await stopped.reply() == told
    await asyncio.sleep(SOON.total_seconds())
    sentence = await stopped.settle()
    assert sentence == "Correction: post (a) was done: posted a\n\nCorrection: post (b) was not done and had no effect."
    assert await stopped.reply() == f"{told}\n\n{sentence}"
    stopped.shown.add("b")
    assert await stopped.settle() == sentence  # as after a worker that died before it could say so
    assert await stopped.reply() == f"{told}\n\n{sentence}"


async def test_tool_that_is_gone_leaves_the_outcome_unknown(pool: Pool) -> None:
    stopped = Stopped(pool, set(), "a")
    await stopped.close()
    await asyncio.sleep(SOON.total_seconds())
    assert "I could not find out whether post (a) took effect" in await stopped.settle(tools=())


async def test_turn_that_is_gone_needs_no_correction(pool: Pool) -> None:
    stopped = Stopped(pool, set(), "a")
    await stopped.close()
    async with pool.connection() as connection:
        await connection.execute("delete from turns where id = %s", (stopped.said.turn_id,))
    assert await stopped.settle() == ""


async def test_turn_without_open_writes_needs_no_correction(pool: Pool) -> None:
    stopped = Stopped(pool, set())
    assert await stopped.close() == "Stopped."
    assert await stopped.settle() == ""
    assert await stopped.reply() == "Stopped."
