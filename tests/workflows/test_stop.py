"""Stop: it ends the work and not just the talking, whenever it comes, and harms nothing else."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus

from activities.tools.tool import Arguments, Context, Tool, Verdict
from clara.conversation import Stop
from clara.llm.models import Prompt
from clara.messages import ToolResultPart
from clara.stream import Frame
from clara.tools.tool import Effect
from clara.turn import Delivery
from store import stream
from store.database import Pool
from store.turns import turns
from store.turns.turns import Turn
from temporal.contracts.delivery import Adapter
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.workflows.conversations import Conversation, call, conversation, last_text


async def hang_on_request(prompt: Prompt) -> str:
    if "hang" in last_text(prompt):
        await asyncio.sleep(60)
    return f"answer to {last_text(prompt)}"


async def test_stop_in_mid_answer(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        turn_id = await talk.say("hang")
        await talk.until(lambda: talk.model.prompts)
        assert await talk.door.stop(talk.key, Stop(by="cli:ann"))
        turn = await talk.ended(turn_id)
        assert (turn.status, turn.reply) == ("stopped", "Stopped.")
        await talk.until(lambda: talk.model.cancelled == 1)
        assert (await talk.ask("more")).reply == "answer to more"
        description = await client.get_workflow_handle(turn_id).describe()
        assert description.status is WorkflowExecutionStatus.CANCELED


async def test_stop_that_comes_with_the_message(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        for pause in (0, 0, 0.01, 0.02, 0.03, 0.05, 0.08):
            turn_id = await talk.say("hang")
            await asyncio.sleep(pause)
            await talk.door.stop(talk.key, Stop())
            assert (await talk.ended(turn_id)).status == "stopped"
        assert (await talk.ask("more")).status == "completed"


async def test_stop_before_any_worker_is_up(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        pass  # the worker has ended
    turn_id = await talk.say("hang")
    other = await talk.say("more")
    await talk.door.stop(talk.key, Stop())
    async with conversation(client, pool, start_worker, hang_on_request):
        assert (await talk.ended(turn_id)).status == "stopped"
        assert (await talk.ended(other)).reply == "answer to more"


async def test_stop_leaves_waiting_messages_unless_it_names_one(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        running = await talk.say("hang")
        second = await talk.say("second")
        third = await talk.say("third hang", "third")
        fourth = await talk.say("fourth")
        await talk.until(lambda: talk.model.prompts)
        await talk.door.stop(talk.key, Stop(message_id="third"))
        await asyncio.sleep(0.1)
        assert talk.model.cancelled == 0
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(running)).status == "stopped"
        assert (await talk.ended(second)).reply == "answer to second"
        assert (await talk.ended(third)).status == "stopped"
        assert (await talk.ended(fourth)).reply == "answer to fourth"


async def test_stop_of_a_message_that_was_answered_touches_nothing(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        done = await talk.ask("first", message_id="first")
        assert done.status == "completed"
        await talk.door.stop(talk.key, Stop(message_id="first"))
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ask("second")).status == "completed"


async def test_stop_of_a_sleeping_conversation_says_so(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, hang_on_request) as talk:
        assert await talk.door.stop(talk.key, Stop()) is False


class Nothing(Arguments):
    pass


async def test_stop_ends_a_running_tool(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    state: list[str] = []

    async def run(arguments: Nothing, context: Context) -> str:
        state.append("started")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            state.append("cancelled")
            raise
        return ""

    tool = Tool("wait", "Waits.", Nothing, run, timeout=timedelta(minutes=2))
    async with conversation(client, pool, start_worker, lambda p: call("wait"), [tool]) as talk:
        turn_id = await talk.say("go")
        await talk.until(lambda: state)
        await talk.door.stop(talk.key, Stop())
        assert (await talk.ended(turn_id)).status == "stopped"
        assert state == ["started", "cancelled"]


async def stopped_write(talk: Conversation, started: list[int], text: str = "go") -> Turn:
    """Ask for a write and stop it while it runs."""
    turn_id = await talk.say(text)
    await talk.until(lambda: started)
    await talk.door.stop(talk.key, Stop())
    return await talk.ended(turn_id)


def slow_write(verdict: Callable[[], Verdict] | None, started: list[int]) -> Tool[Nothing]:
    async def run(arguments: Nothing, context: Context) -> str:
        started.append(1)
        await asyncio.sleep(60)
        return ""

    async def verify(arguments: Nothing, context: Context) -> Verdict:
        assert verdict is not None
        return verdict()

    return Tool(
        "post", "Posts.", Nothing, run, effect=Effect.WRITE, verify=verify if verdict else None,
        timeout=timedelta(seconds=1), settles_within=timedelta(seconds=1),
    )  # fmt: skip


async def corrected(talk: Conversation, turn_id: str) -> str:
    """What the reply says once it has been corrected."""
    async with asyncio.timeout(PATIENCE_S):
        while not await talk.door.store(turns.correction, turn_id):
            await asyncio.sleep(0.05)
    return (await talk.ended(turn_id)).reply or ""


async def test_stopped_write_that_was_done_is_told(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    started: list[int] = []
    tool = slow_write(lambda: Verdict("done", "It is number 17."), started)
    async with conversation(client, pool, start_worker, lambda p: call("post"), [tool]) as talk:
        turn = await stopped_write(talk, started)
        assert turn.reply == "Stopped.\n\n✓ post had already been done: It is number 17."


async def test_stopped_write_that_cannot_be_looked_up_is_told_as_unknown(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    started: list[int] = []
    tool = slow_write(None, started)
    async with conversation(client, pool, start_worker, lambda p: call("post"), [tool]) as talk:
        turn = await stopped_write(talk, started)
        assert turn.reply == (
            "Stopped.\n\n⚠ I do not know whether post took effect. I have not repeated it; please check."
        )


@pytest.mark.parametrize(
    ("lands", "end"),
    [
        ("done", "Correction: post was done: It is number 17."),
        ("not_done", "Correction: post was not done and had no effect."),
        ("unknown", "Correction: I could not find out whether post took effect. I have not repeated it; please check."),
    ],
)
async def test_stopped_write_that_is_not_known_yet_is_told_so_and_corrected_once(
    client: Client, pool: Pool, start_worker: StartWorker, lands: Any, end: str
) -> None:
    started: list[int] = []
    looks: list[int] = []

    def verdict() -> Verdict:
        looks.append(1)
        if len(looks) == 1:
            return Verdict("not_done")
        return Verdict(lands, "It is number 17.")

    tool = slow_write(verdict, started)
    async with conversation(client, pool, start_worker, lambda p: call("post"), [tool]) as talk:
        turn = await stopped_write(talk, started)
        told = "Stopped.\n\n⚠ I do not know yet whether post took effect. I will look and correct this message."
        assert turn.reply == told
        assert await corrected(talk, turn.id) == f"{told}\n\n{end}"
        assert started == [1]


class Listening(Adapter):
    """An adapter that only listens."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        self.heard.append(delivery)


async def test_correction_is_delivered_and_shown(
    client: Client, pool: Pool, start_worker: StartWorker, database_url: str
) -> None:
    started: list[int] = []
    looks: list[int] = []

    def verdict() -> Verdict:
        looks.append(1)
        return Verdict("done" if len(looks) > 1 else "not_done", "It is number 17.")

    listening = Listening()
    queue = f"deliver-{uuid.uuid4().hex}"
    frames: list[Frame] = []
    ready = asyncio.Event()

    async def look_on() -> None:
        async for frame in stream.listen(database_url, "cli"):
            ready.set()
            if frame is not None and frame.kind in ("end", "correction"):
                frames.append(frame)

    onlooker = asyncio.create_task(look_on())
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    async with (
        conversation(client, pool, start_worker, lambda p: call("post"), [slow_write(verdict, started)]) as talk,
        start_worker([listening.deliver], queue, workflows=()),
    ):
        turn_id = await talk.say("go", deliver_to=queue)
        await talk.until(lambda: started)
        await talk.door.stop(talk.key, Stop())
        await talk.until(lambda: len(listening.heard) == 2)
        await talk.until(lambda: len(frames) >= 2)
        turn = await talk.ended(turn_id)
    onlooker.cancel()
    sentence = "Correction: post was done: It is number 17."
    assert [(each.turn_id, each.status, each.correction) for each in listening.heard] == [
        (turn_id, "stopped", ""),
        (turn_id, "stopped", sentence),
    ]
    mine = [(frame.kind, frame.text) for frame in frames if frame.turn == turn_id]
    assert mine == [("end", ""), ("correction", sentence)]
    assert (turn.reply or "").endswith(sentence)
    assert turn.shown_at is None


async def test_model_reads_that_a_turn_was_stopped(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    def answer(prompt: Prompt) -> Any:
        if any(isinstance(part, ToolResultPart) for part in prompt.messages[-1].parts):
            return hang_on_request(prompt)
        return hang_on_request(prompt)

    async with conversation(client, pool, start_worker, answer) as talk:
        turn_id = await talk.say("hang")
        await talk.until(lambda: talk.model.prompts)
        await talk.door.stop(talk.key, Stop())
        await talk.ended(turn_id)
        await talk.ask("why?")
        assert [m.role for m in talk.model.prompts[-1].messages] == ["user", "assistant", "user"]
        assert talk.model.prompts[-1].messages[1].text == "Stopped."
