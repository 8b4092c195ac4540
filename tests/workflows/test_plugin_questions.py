"""A plugin wants to know something of its person: the turn parks, and its call is made again with the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import Client

from activities.answers import tell_all
from activities.notices import notify
from activities.plugins.offering.toolset import toolset
from activities.plugins.running.calls import CallResult, Elicitation
from activities.tools.run import ToolActivities
from clara.conversation import Stop
from clara.llm.models import Prompt
from clara.messages import ToolResultPart
from clara.plugins import elicitation
from clara.plugins.plugin import Plugin
from store import notices, plugin_questions
from store.database import Pool
from store.plugin_questions import Asked
from temporal import queues
from tests.conftest import StartWorker
from tests.gates import open_gate
from tests.installed import a_tool, alone, plugin
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, call, conversation, offers_of

FORM = {"type": "object", "properties": {"date": {"type": "string"}}, "required": ["date"]}


class Booking:
    """A server that asks for a date before it books, as the protocol wants it: what is cancelled is not done."""

    def __init__(self) -> None:
        self.booked: list[str] = []
        self.calls = 0

    async def call(
        self,
        plugin: Plugin,
        user_id: str,
        tool: str,
        arguments: Any,
        *,
        timeout: Any,
        progress: Any,
        ask: Any,
    ) -> CallResult:
        self.calls += 1
        answer = await ask(Elicitation("When?", "form", FORM))
        if answer.action != "accept":
            return CallResult(f"not booked: {answer.action}", is_error=True)
        self.booked.append(answer.content["date"])
        return CallResult(f"booked for {answer.content['date']}")


@asynccontextmanager
async def talking(
    client: Client, pool: Pool, start_worker: StartWorker, server: Booking, hints: dict[str, Any] | None = None
) -> AsyncIterator[Conversation]:
    async with alone(pool), working(client, pool, start_worker, server) as talk:
        await plugin(pool, talk.user.id, a_tool(hints=hints or {}))
        yield talk


@asynccontextmanager
async def working(
    client: Client, pool: Pool, start_worker: StartWorker, server: Booking
) -> AsyncIterator[Conversation]:
    """Workers run within the block."""

    def says(prompt: Prompt) -> Any:
        found = [part for part in prompt.messages[-1].parts if isinstance(part, ToolResultPart)]
        if prompt.messages[-1].text.endswith("hello"):
            return "hello you"
        return f"it says: {found[0].text}" if found else call("exa__search", query="a table")

    tell = partial(notify, pool, client)
    offered = toolset(pool, server, tell)
    running = ToolActivities(pool, offers_of(pool, offered), open_gate(pool), "UTC")
    async with (
        start_worker([running.run], queues.PLUGINS, workflows=[]),
        conversation(client, pool, start_worker, says, toolsets=[toolset(pool, None, tell)]) as talk,
    ):
        yield talk


async def asked(talk: Conversation, pool: Pool) -> Asked:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await plugin_questions.of_person(pool, talk.user.id)
            if found and (await talk.door.status(talk.key)).parked:
                return found[0]
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("hints", [{}, {"idempotentHint": True}, {"readOnlyHint": True}], ids=["write", "same", "look"])
async def test_the_call_is_made_again_with_the_answer_and_others_pass_meanwhile(
    client: Client, pool: Pool, start_worker: StartWorker, hints: dict[str, Any]
) -> None:
    server = Booking()
    async with talking(client, pool, start_worker, server, hints) as talk:
        turn = await talk.say("book a table")
        question = await asked(talk, pool)
        assert (await talk.ask("hello")).reply == "hello you"
        (told,) = await notices.unshown(pool, talk.key)
        assert "**The plugin exa wants to know something from you.**\n\n> When?" in told.notice.text
        assert not await talk.door.answer_plugin(question.id, "cli:somebody-else", {"date": "never"})
        assert await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Friday"})
        assert not await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Sunday"}), "the first one counts"
        assert "booked for Friday" in ((await talk.ended(turn)).reply or "")
    assert server.booked == ["Friday"]


async def test_who_declines_is_not_asked_again_and_nothing_is_done(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    server = Booking()
    async with talking(client, pool, start_worker, server) as talk:
        turn = await talk.say("book a table")
        question = await asked(talk, pool)
        assert await talk.door.answer_plugin(question.id, talk.user.id, None)
        assert "not booked: decline" in ((await talk.ended(turn)).reply or "")
        assert await plugin_questions.of_person(pool, talk.user.id) == []
    assert server.booked == []


async def test_an_answer_arrives_whose_taker_died_and_a_stop_ends_the_question(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    server = Booking()
    async with talking(client, pool, start_worker, server) as talk:
        turn = await talk.say("book a table")
        question = await asked(talk, pool)
        await plugin_questions.answer(pool, question.id, talk.user.id, {"date": "Friday"})  # and nobody tells the turn
        assert await tell_all(pool, client) >= 1
        assert "booked for Friday" in ((await talk.ended(turn)).reply or "")
        again = await talk.say("book a table")
        question = await asked(talk, pool)
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(again)).status == "stopped"
        assert not await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Monday"})
    assert server.booked == ["Friday"]


async def test_a_question_outlasts_a_weekend_without_workers(
    client: Client, pool: Pool, start_unwatched: StartWorker
) -> None:
    server = Booking()
    async with alone(pool):
        async with working(client, pool, start_unwatched, server) as talk:
            await plugin(pool, talk.user.id, a_tool())
            turn = await talk.say("book a table")
            question = await asked(talk, pool)
        await _passed(pool, question, timedelta(days=2.5))
        assert await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Monday"}), "also while nobody works"
        async with working(client, pool, start_unwatched, server):
            assert "booked for Monday" in ((await talk.ended(turn)).reply or "")
    assert server.booked == ["Monday"]


async def test_an_absence_of_more_than_three_days_is_no_answer(
    client: Client, pool: Pool, start_unwatched: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elicitation, "ANSWER_WITHIN", timedelta(seconds=3))
    server = Booking()
    async with alone(pool):
        async with working(client, pool, start_unwatched, server) as talk:
            await plugin(pool, talk.user.id, a_tool())
            turn = await talk.say("book a table")
            question = await asked(talk, pool)
        await asyncio.sleep(3)  # nothing runs meanwhile
        assert not await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Monday"})
        assert await plugin_questions.of_person(pool, talk.user.id) == []
        async with working(client, pool, start_unwatched, server):
            assert "No answer came within" in ((await talk.ended(turn)).reply or "")
    assert server.booked == []


async def _passed(pool: Pool, question: Asked, time: timedelta) -> None:
    """As if the question had been asked so long ago."""
    async with pool.connection() as connection:
        for statement in (
            "update plugin_questions set until = until - %s, asked_at = asked_at - %s where turn_id = %s",
            "update waits set until = until - %s, begun_at = begun_at - %s where turn_id = %s",
        ):
            await connection.execute(statement, (time, time, question.turn_id))
