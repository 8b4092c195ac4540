"""Looking back: what a person finds of earlier conversations, and what nobody else does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from activities.chat import history, tools
from activities.chat.asking import Chats
from activities.tools.tool import Context, ToolOutput
from clara.errors import ToolFailed
from clara.messages import ConversationKey, Incoming, Person
from clara.tools.offer import BUDGET
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from store import chat
from store.database import Pool
from store.turns import turns


def said(who: str, channel: str, text: str, private: bool = True, platform: str = "cli") -> Incoming:
    return Incoming(
        id=uuid4().hex,
        conversation=ConversationKey(platform=platform, channel=channel),
        user=Person(id=f"{platform}:{who}", name=who.title()),
        text=text,
        sent_at=datetime.now(UTC),
        private=private,
    )


async def answered(pool: Pool, message: Incoming, reply: str) -> None:
    turn = await turns.begin(pool, message)
    async with pool.connection() as connection:
        await turns.complete(connection, turn.id, message.conversation.id, reply)


def chats(pool: Pool) -> Chats:
    return Chats(pool, None)  # type: ignore[arg-type]  # nothing is asked of a platform here


async def use(pool: Pool, now: Incoming, name: str, /, **arguments: object) -> ToolOutput:
    await turns.begin(pool, now)
    tool = next(tool for tool in history.toolset(pool, chats(pool)).fixed if tool.name == name)
    made = await tool.run(tool.parse(arguments), Context(now, f"{now.turn_id}/0/c1", datetime.now(UTC)))
    return tool.output(made)


async def test_a_person_finds_their_own_conversations_and_nobody_elses(pool: Pool) -> None:
    ann, bob, word = uuid4().hex[:8], uuid4().hex[:8], uuid4().hex
    await answered(pool, said(ann, f"{ann}/plans", f"the {word} is at noon"), "noted")
    await answered(pool, said(bob, f"{bob}/plans", f"my {word} is secret"), "noted")
    now = said(ann, f"{ann}/today", "when was it?")
    found = await use(pool, now, "search_chat_history", query=f"{word} NOON")
    assert f"{ann.title()}: the {word} is at noon\nYou: noted" in found.text
    assert found.provenance is Provenance.PERSON
    assert "secret" not in (await use(pool, now, "search_chat_history", query=word)).text
    assert "noon" in (await use(pool, now, "get_chat_history", channel="plans")).text
    for name, arguments in (("get_chat_history", {}), ("search_chat_history", {"query": word})):
        with pytest.raises(ToolFailed, match="There is no conversation"):
            await use(pool, now, name, channel=f"{bob}/plans", **arguments)


async def test_private_conversations_stay_out_of_places_where_others_read(pool: Pool) -> None:
    ann, word = uuid4().hex[:8], uuid4().hex
    await answered(pool, said(ann, f"{ann}/alone", f"private {word}", platform="teams"), "noted")
    here = f"room/{uuid4().hex}"
    await answered(pool, said("eve", here, f"public {word}", private=False, platform="teams"), "noted")
    now = said(ann, here, "look", private=False, platform="teams")
    found = await use(pool, now, "search_chat_history", query=word)
    assert "public" in found.text
    assert "private" not in found.text
    assert found.provenance is Provenance.OTHERS
    with pytest.raises(ToolFailed, match="There is no conversation"):
        await use(pool, now, "get_chat_history", channel="alone")


async def test_history_is_paged_by_messages(pool: Pool) -> None:
    ann = uuid4().hex[:8]
    messages = [said(ann, f"{ann}/today", f"number {n}") for n in range(4)]
    for message in messages:
        await answered(pool, message, "ok")
    now = said(ann, f"{ann}/today", "go on")
    page = (await use(pool, now, "get_chat_history", limit=2)).text
    assert "number 2" in page
    assert "number 3" in page
    assert "go on" not in page
    before = (await use(pool, now, "get_chat_history", limit=2, before=messages[2].id)).text
    assert "number 0" in before
    assert "number 1" in before
    assert "number 2" not in before


SHORT, OVER = timedelta(minutes=1), timedelta(seconds=-1)


@pytest.mark.parametrize(
    ("lasts", "steps", "verdict"),
    [
        (SHORT, (), "not_done"),
        (SHORT, ("begin",), "not_done"),
        (SHORT, ("begin", "done"), "done"),
        (SHORT, ("refused",), "not_done"),
        (OVER, (), "not_done"),
    ],
)
async def test_what_is_said_of_an_action_whose_tool_call_was_cut(
    pool: Pool, lasts: timedelta, steps: Sequence[str], verdict: str
) -> None:
    context = await _kept(pool, lasts)
    for step in steps:
        if step == "begin":
            assert await chat.begin(pool, context.key)
        else:
            await chat.settle(pool, context.key, "done" if step == "done" else "refused", "so")
    assert (await chats(pool).verify(context)).state == verdict


async def test_what_began_and_was_not_confirmed_in_time_is_unknown_and_does_not_begin_again(pool: Pool) -> None:
    context = await _kept(pool, SHORT)
    assert await chat.begin(pool, context.key)
    async with pool.connection() as connection:
        await connection.execute("update chat_actions set until = now() where key = %s", (context.key,))
    assert (await chats(pool).verify(context)).state == "unknown"
    assert not await chat.begin(pool, context.key)
    await chat.settle(pool, context.key, "done", "late")
    assert (await chats(pool).verify(context)).state == "done"


async def _kept(pool: Pool, lasts: timedelta) -> Context:
    message = said("ann", f"ann/{uuid4().hex}", "do it")
    await turns.begin(pool, message)
    context = Context(message, f"{message.turn_id}/0/c1", datetime.now(UTC))
    await chat.keep(pool, context.key, message.turn_id, "send_message_to_channel", {}, lasts)
    return context


async def test_actions_are_offered_where_the_platform_has_them(pool: Pool) -> None:
    toolset = tools.toolset(chats(pool))
    assert not (await toolset.offer(said("ann", "ann/today", "hi"))).tools
    offered = (await toolset.offer(said("5", "7", "hi", platform="discord"))).tools
    assert {tool.name: (tool.effect, tool.offered.risk) for tool in offered} == {
        "send_message_to_channel": (Effect.WRITE, Risk.OUTWARD),
        "create_thread": (Effect.WRITE, Risk.OUTWARD),
        "send_embed": (Effect.WRITE, Risk.OUTWARD),
        "send_buttons": (Effect.WRITE, Risk.OUTWARD),
        "edit_message": (Effect.IDEMPOTENT, Risk.OUTWARD),
        "add_reaction": (Effect.IDEMPOTENT, Risk.CHANGE),
    }
    embed = next(tool for tool in offered if tool.name == "send_embed")
    assert embed.reaches is not None
    assert [embed.reaches(embed.parse({"title": "t", "channel": each})) for each in ("", "news")] == [
        Risk.CHANGE,
        Risk.OUTWARD,
    ], "in the conversation itself it reaches no further than an answer"
    everything = [*offered, *history.toolset(pool, chats(pool)).fixed]
    assert sum(tool.tokens for tool in everything) <= BUDGET // 4
