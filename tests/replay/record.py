"""Record golden histories for a release: ``make record RELEASE=2026.48``. Those of earlier releases stay."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.budgets.waking import wake
from activities.tools.tool import Verdict
from clara.chat import ChatRequest, action_id
from clara.conversation import Stop
from clara.errors import ModelRefused, Unavailable
from clara.llm.models import Prompt
from clara.memory.recall import RecallOutcome, RecallRequest
from clara.memory.requests import (
    ExtractOutcome,
    LostRequest,
    MemoryCommand,
    MemoryReply,
    ReindexProgress,
    ReindexRequest,
    RememberRequest,
)
from clara.messages import ConversationKey
from clara.notices import NoticeRequest, notice_id
from clara.settings import load
from clara.turn import Delivery
from store import budgets
from store.database import Pool
from temporal import ids, queues
from temporal.contracts.memory import Memory
from temporal.starting import chat as acting
from temporal.starting import notices as sending
from temporal.starting import reindexing
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.replay.recorded import closed, record
from tests.workflows.conversations import Conversation, call, conversation, last_text, results
from tests.workflows.test_approvals import Board, asked, talking
from tests.workflows.test_stop import slow_write, stopped_write
from tests.workflows.test_waiting import Outside
from workflows.conversations.conversation import HISTORY_LIMIT
from workflows.remember import MemoryCommandWorkflow, RememberWorkflow


class QuietMemory(Memory):
    """A memory that knows nothing and finds nothing to learn."""

    @activity.defn(name="memory.recall")
    async def recall(self, request: RecallRequest) -> RecallOutcome:
        return RecallOutcome(count=0, learn=True)

    @activity.defn(name="memory.extract")
    async def extract(self, request: RememberRequest) -> ExtractOutcome:
        if request.turn_id.endswith(UNREADABLE):
            raise ApplicationError("the model's answer is not usable", type="malformed", non_retryable=True)
        return ExtractOutcome()

    @activity.defn(name="memory.give_up")
    async def give_up(self, request: LostRequest) -> None:
        return None

    @activity.defn(name="memory.command")
    async def command(self, command: MemoryCommand) -> MemoryReply:
        return MemoryReply(text="")

    @activity.defn(name="memory.reindex")
    async def reindex(self, request: ReindexRequest) -> ReindexProgress:
        self.looks += 1
        return ReindexProgress(done=self.looks, total=2, over=self.looks == 2)

    looks = 0


@activity.defn(name="adapter.deliver")
async def _deliver(delivery: Delivery) -> None:
    return None


@activity.defn(name="chat.act")
async def _act(request: ChatRequest) -> None:
    return None


UNREADABLE = "unreadable"
"""Ends the id of a turn of which the model says nothing that can be read."""


async def testrecord(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    down = [Unavailable("down", "server", timedelta(milliseconds=10))] * 3

    async def answer(prompt: Prompt) -> Any:
        text = last_text(prompt)
        if text == "write":
            return call("post")
        if text == "ask":
            return call("ask_person", whom="bob")
        if results(prompt):
            return "used tools"
        if text == "tools":
            return (*call("current_time", "a"), *call("list_notes", "b"), *call("save_note", "c", title="t", text="x"))
        if text == "stop":
            await asyncio.sleep(60)
        if text == "fail":
            return ModelRefused("No.", "bad_request")
        if text == "fallback" and down:
            return down.pop()
        return "answered"

    keys = {"ANTHROPIC_API_KEY": "k", "NANOGPT_API_KEY": "k", "LLM_FALLBACKS": "nanogpt"}
    started: list[int] = []
    post = slow_write(lambda: Verdict("not_done"), started)
    outside = Outside()
    tools = [post, outside.tool]
    async with conversation(client, pool, start_worker, answer, tools, load(keys), QuietMemory()) as talk:
        for name in ("answered", "tools", "fail", "fallback"):
            await record(client, {"fail": "failed"}.get(name, name), await closed(client, await talk.say(name)))
        remembering = await closed(client, f"remember/{await talk.say('learn')}")
        await record(client, "remember", remembering)
        lost = f"turn/cli/ann/main/{UNREADABLE}"
        with suppress(WorkflowFailureError):
            await client.execute_workflow(
                RememberWorkflow.run, RememberRequest(turn_id=lost), id=ids.remember_id(lost), task_queue=queues.TURNS
            )
        await record(client, "remember-failed", ids.remember_id(lost))
        command = MemoryCommand(user_id="cli:ann", name="list", reference=ids.memory_command_id("cli:ann", "1"))
        command_id = command.reference or ""
        await client.execute_workflow(MemoryCommandWorkflow.run, command, id=command_id, task_queue=queues.TURNS)
        await record(client, "memory-command", command_id)
        await reindexing.start(client, ReindexRequest(collection="memories_384"))
        await record(client, "reindex", await closed(client, reindexing.ID))
        await sending.send(client, NoticeRequest(key="recorded", to=ConversationKey(platform="nobody", channel="1")))
        async with start_worker([_deliver], queues.delivery("nobody"), workflows=[]):
            await record(client, "notice", await closed(client, notice_id("recorded")))
        await record(client, "budget", await closed(client, await _without_budget(client, pool, talk)))
        await acting.start(client, ChatRequest(key="recorded", platform="nobody", kind="send_embed"), "cli:ann")
        async with start_worker([_act], queues.delivery("nobody"), workflows=[]):
            await record(client, "chat-action", await closed(client, action_id("recorded")))
        turn_id = await talk.say("stop")
        await asyncio.sleep(0.5)
        await talk.door.stop(talk.key, Stop())
        await talk.ended(turn_id)
        await record(client, "stopped", await closed(client, turn_id))
        stopped = await stopped_write(talk, started, "write")
        await record(client, "stopped-write", await closed(client, stopped.id))
        await record(client, "conversation", ids.conversation_id(talk.key))
        asking = await talk.say("ask")
        await talk.ended([await talk.say("answered") for _ in range(HISTORY_LIMIT // 8)][-1], 200)
        await talk.door.bring(outside.keys["bob"], "yes")
        await record(client, "waited", await closed(client, asking))
        await record(client, "continued", ids.conversation_id(talk.key))


async def test_record_asked(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with talking(client, pool, start_worker, Board()) as talk:
        turn_id = await talk.say("post a b")
        for question, allowed in zip(await asked(talk, pool, 2), (True, False), strict=True):
            await talk.door.answer([question.id], allowed, "once", talk.user.id)
        await record(client, "asked", await closed(client, turn_id))


async def _without_budget(client: Client, pool: Pool, talk: Conversation) -> str:
    """A turn that waits for a budget until it is raised."""
    person = talk.user.id
    await budgets.set_limit(pool, person, "turn-tokens", Decimal(0))
    waiting = await talk.say("waits for a budget")
    async with asyncio.timeout(PATIENCE_S):
        while not await budgets.waiting(pool, person):
            await asyncio.sleep(0.05)
    await budgets.drop_limit(pool, person, "turn-tokens")
    await wake(client, [waiting])
    return waiting
