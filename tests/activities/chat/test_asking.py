"""Tools and the adapter that does what they ask for: joined by a key, told apart by what is known of the outcome."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.chat import asking, tools
from activities.chat.asking import Chats
from activities.tools.tool import Context, Tool
from clara.chat import ChatRequest, SendMessage, action_id
from clara.errors import ToolFailed
from clara.messages import ConversationKey, Incoming, Person
from store import chat
from store.database import Pool
from store.turns import turns
from temporal import attributes, queues
from temporal.contracts.chat import Chat
from tests.conftest import StartWorker
from tests.workflows.conversations import call, conversation, results

ASKED = SendMessage(channel="news", text="hello")


class Platform(Chat):
    """Does as the channel is called: it may refuse, or begin and never say how that ended."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.done: Counter[str] = Counter()

    @activity.defn(name="chat.act")
    async def act(self, request: ChatRequest) -> None:
        action = await chat.get(self.pool, request.key)
        assert action is not None
        channel = action.arguments["channel"]
        if action.remaining <= timedelta():
            return
        if channel == "forbidden":
            await chat.settle(self.pool, request.key, "refused", "You may not write there.")
            return
        assert await chat.begin(self.pool, request.key)
        self.done[request.key] += 1
        if channel == "void":
            raise ApplicationError("it died", non_retryable=True)
        await chat.settle(self.pool, request.key, "done", "Sent.")


@pytest.fixture
async def platform(pool: Pool, start_worker: StartWorker) -> AsyncIterator[Platform]:
    made = Platform(pool)
    async with start_worker([made.act], queues.delivery("cli"), workflows=[]):
        yield made


async def context(pool: Pool) -> Context:
    message = Incoming(
        id=uuid4().hex,
        conversation=ConversationKey(platform="cli", channel=f"ann/{uuid4().hex}"),
        user=Person(id="cli:ann", name="Ann"),
        text="tell them",
        sent_at=datetime.now(UTC),
    )
    await turns.begin(pool, message)
    return Context(message, f"{message.turn_id}/0/c1", datetime.now(UTC))


def sending(pool: Pool, client: Client) -> Tool[Any]:
    tool = next(tool for tool in tools.tools(Chats(pool, client)) if tool.name == "send_message_to_channel")
    return replace(tool, timeout=timedelta(seconds=5), settles_within=timedelta(seconds=1))


async def test_attempts_at_one_call_are_one_action(
    client: Client, pool: Pool, start_worker: StartWorker, platform: Platform
) -> None:
    tool, here = sending(pool, client), await context(pool)
    async with start_worker([]):
        assert await asyncio.gather(*(tool.run(ASKED, here) for _ in range(3))) == ["Sent."] * 3
        assert await tool.run(ASKED, here) == "Sent."
        with pytest.raises(ToolFailed, match="You may not write there"):
            await tool.run(SendMessage(channel="forbidden", text="x"), await context(pool))
    assert platform.done == Counter({here.key: 1})
    described = await client.get_workflow_handle(action_id(here.key)).describe()
    assert described.typed_search_attributes.get(attributes.USER) == "cli:ann", "forgetting finds it"


async def test_an_adapter_that_is_away_did_nothing(
    client: Client, pool: Pool, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LASTS", timedelta(seconds=0.5))
    monkeypatch.setattr(asking, "GRACE", timedelta())
    tool, here = sending(pool, client), await context(pool)
    async with start_worker([]):
        with pytest.raises(ToolFailed, match="nothing was done"):
            await tool.run(ASKED, here)
    assert tool.verify is not None
    assert (await tool.verify(ASKED, here)).state == "not_done"
    assert not await chat.begin(pool, here.key), "whoever comes later does nothing"


async def test_an_outcome_that_nobody_knows_is_told_and_not_repeated(
    client: Client, pool: Pool, start_worker: StartWorker, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LASTS", timedelta(seconds=2))

    def answer(prompt: Any) -> Any:
        return "well" if results(prompt) else call("send_message_to_channel", channel="void", text="x")

    async with conversation(client, pool, start_worker, answer, (sending(pool, client),)) as talk:
        turn = await talk.ask("tell them")
    assert "I do not know whether send_message_to_channel" in (turn.reply or "")
    assert list(platform.done.values()) == [1]
