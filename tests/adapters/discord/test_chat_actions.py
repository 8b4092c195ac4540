"""What tools have Clara do on Discord: as far as the person who asks may, by Discord's own permissions."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from adapters.discord.access.places import UNKNOWN, UNREADABLE
from adapters.discord.process import DiscordAdapter
from clara.chat import ChatRequest
from clara.messages import Incoming
from store import chat
from store.database import Pool
from store.turns import turns
from tests.adapters.discord.inside import Inside, incoming, inside, until
from tests.loopback.discord import Channel, Fault, User
from tests.loopback.discord.world import HISTORY, MANAGE_MESSAGES, OPEN_THREADS, PRIVATE_THREAD, SEND, VIEW, Json


class Desk:
    """One adapter; Alice asks for something in a channel of hers."""

    def __init__(self, here: Inside, bot: DiscordAdapter) -> None:
        self.here, self.bot, self.world = here, bot, here.fake.world
        self.alice = self.world.add_user("Alice")
        self.channel = self.world.add_channel("lobby")

    def hide(self, channel: Channel, *but: User) -> Channel:
        """Only Clara and these may see it."""
        channel.overwrites[self.world.guild_id] = (0, VIEW)
        for user in (self.world.clara, *but):
            channel.overwrites[user.id] = (VIEW, 0)
        return channel

    async def message(self, channel: Channel | None = None, user: User | None = None, **more: Any) -> Incoming:
        place, who = channel or self.channel, user or self.alice
        trigger = await self.here.fake.say(place, who, "do it")
        message = incoming(place, trigger, who, private=place.recipient is not None, **more)
        await turns.begin(self.here.pool, message)
        return message

    async def ask(self, asker: Incoming, kind: str, key: str = "", /, **arguments: Any) -> chat.KeptAction:
        """Have an action carried out, or carried out again under the same key."""
        key = key or f"{asker.turn_id}/0/{uuid4().hex[:8]}"
        await chat.keep(self.here.pool, key, asker.turn_id, kind, arguments, timedelta(minutes=1))
        await ActivityEnvironment().run(self.bot.actions.act, ChatRequest(key=key, platform="discord", kind=kind))
        action = await chat.get(self.here.pool, key)
        assert action is not None
        return action

    async def done(self, asker: Incoming, kind: str, /, **arguments: Any) -> str:
        action = await self.ask(asker, kind, "", **arguments)
        assert action.state == "done", action.outcome
        return action.outcome

    async def refused(self, asker: Incoming, kind: str, /, **arguments: Any) -> str:
        action = await self.ask(asker, kind, "", **arguments)
        assert action.state == "refused", action.outcome
        return action.outcome

    def written(self, channel: Channel) -> list[Json]:
        return self.here.fake.from_clara(channel)


@pytest.fixture
async def desk(pool: Pool) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(inside(pool))
        yield Desk(here, await stack.enter_async_context(here.running()))


async def test_a_message_goes_where_both_may_write_and_pings_nobody(desk: Desk) -> None:
    news = desk.world.add_channel("News")
    message = await desk.message()
    for channel in ("#news", "news", str(news.id), f"<#{news.id}>"):
        assert "#News" in await desk.done(
            message, "send_message_to_channel", channel=channel, text=f"@everyone via {channel}"
        )
    assert len(desk.written(news)) == 4
    assert not any(each["mention_everyone"] for each in desk.written(news))


async def test_a_channel_that_one_of_them_does_not_see_is_like_none(desk: Desk) -> None:
    alices = desk.hide(desk.world.add_channel("alices-secret"), desk.alice)
    others = desk.hide(desk.world.add_channel("others-secret"))
    closed = desk.world.add_channel("closed-to-clara")
    closed.overwrites[desk.world.clara.id] = (0, VIEW)
    aside = desk.world.add_channel("aside", type=PRIVATE_THREAD, parent=desk.channel.id)
    message = await desk.message()
    for name in ("others-secret", str(others.id), "closed-to-clara", str(aside.id), "never-was", "999999999"):
        told = await desk.refused(message, "send_message_to_channel", channel=name, text="x")
        assert told == UNKNOWN.format(name=name)
    for name in ("others-secret", "never-was"):
        told = await desk.refused(message, "get_chat_history", channel=name)
        assert told == UNREADABLE.format(name=name)
    assert await desk.done(message, "send_message_to_channel", channel="alices-secret", text="x")
    assert len(desk.written(alices)) == 1
    assert desk.written(others) == desk.written(closed) == desk.written(aside) == []
    aside.members.add(desk.alice.id)
    assert await desk.done(message, "send_message_to_channel", channel=str(aside.id), text="x")


async def test_rights_are_those_of_roles_overwrites_and_time_outs_as_they_are_now(desk: Desk) -> None:
    board, writers = desk.world.add_channel("board"), desk.world.add_role("writers")
    board.overwrites = {desk.world.guild_id: (0, SEND), writers: (SEND, 0), desk.world.clara.id: (SEND, 0)}
    message, asked = await desk.message(), {"channel": "board", "text": "x"}
    assert await desk.refused(message, "send_message_to_channel", **asked) == "The person may not write in #board."
    assert "open threads" not in await desk.refused(message, "create_thread", name="n", **asked)
    desk.alice.roles = [writers]  # the gateway says nothing of it
    await desk.done(message, "send_message_to_channel", **asked)
    desk.alice.timed_out_until = "2999-01-01T00:00:00+00:00"
    assert "may not write" in await desk.refused(message, "send_message_to_channel", **asked)
    desk.alice.timed_out_until = None
    board.overwrites[desk.world.clara.id] = (0, SEND)
    assert await desk.refused(message, "send_message_to_channel", **asked) == "I may not write in #board."
    assert len(desk.written(board)) == 1


async def test_names_that_several_channels_have(desk: Desk) -> None:
    first, _ = desk.world.add_channel("twin"), desk.world.add_channel("twin")
    desk.hide(desk.world.add_channel("twin"))
    told = await desk.refused(await desk.message(), "send_message_to_channel", channel="twin", text="x")
    assert "several" in told
    assert str(first.id) in told
    assert told.count("#twin") == 2, "the hidden one is not told"


async def test_history_is_shown_where_all_who_read_it_may_read_it(desk: Desk) -> None:
    private, bob = desk.hide(desk.world.add_channel("private"), desk.alice), desk.world.add_user("Bob")
    public = desk.world.add_channel("public")
    await desk.here.fake.say(public, bob, f"<@{desk.alice.id}> lunch is at noon")
    await desk.here.fake.say(private, desk.alice, "lunch is a surprise")
    in_channel, in_private = await desk.message(), await desk.message(desk.here.fake.direct(desk.alice))
    told = await desk.done(in_channel, "get_chat_history", channel="public")
    assert "Bob: @Alice lunch is at noon" in told
    assert "noon" in await desk.done(in_channel, "search_chat_history", query="LUNCH noon", channel="public")
    assert await desk.refused(in_channel, "get_chat_history", channel="private") == UNREADABLE.format(name="private")
    assert "surprise" in await desk.done(in_private, "get_chat_history", channel="private")
    asked = {"channels": [str(public.id), str(private.id), "17"]}
    assert json.loads(await desk.done(in_channel, "find_readable", **asked)) == {str(public.id): "#public"}
    assert len(json.loads(await desk.done(in_private, "find_readable", **asked))) == 2
    # Without the right to read what was said before, for the person.
    public.overwrites[desk.alice.id] = (0, HISTORY)
    assert "may not read earlier messages" in await desk.refused(in_private, "get_chat_history", channel="public")
    assert "do it" in await desk.done(in_channel, "get_chat_history", limit=1)


async def test_an_embed_and_a_thread(desk: Desk) -> None:
    message = await desk.message()
    fields = [{"name": "n", "value": "v", "inline": True}]
    await desk.done(message, "send_embed", title="Weather", description="sunny", color="#ff0000", fields=fields)
    [card] = desk.written(desk.channel)
    assert (card["content"], card["embeds"][0]["title"], card["embeds"][0]["color"]) == ("", "Weather", 0xFF0000)
    told = await desk.done(message, "create_thread", name="details", text="Let us go on here.")
    opening = desk.written(desk.channel)[-1]
    assert opening["content"] == "Let us go on here."
    assert desk.world.channels[int(opening["id"])].name == "details"
    assert opening["id"] in told
    again = await desk.done(message, "create_thread", name="details", message=opening["id"])
    assert opening["id"] in again, "a message has one thread"
    desk.channel.overwrites[desk.alice.id] = (0, OPEN_THREADS)
    assert "may not open threads" in await desk.refused(message, "create_thread", name="n", text="t")


async def test_only_messages_of_clara_and_for_this_person_are_edited(desk: Desk) -> None:
    message, bob = await desk.message(), desk.world.add_user("Bob")
    await desk.done(message, "send_message_to_channel", channel="lobby", text="at noon")
    [sent] = desk.written(desk.channel)
    of_bob, by_bob = await desk.message(user=bob), int((await desk.message(user=bob)).id)
    assert "not for this person" in await desk.refused(of_bob, "edit_message", message=sent["id"], text="never")
    assert "somebody else's" in await desk.refused(message, "edit_message", message=str(by_bob), text="never")
    await desk.done(message, "edit_message", message=sent["id"], text="at one")
    assert sent["content"] == "at one"
    desk.channel.overwrites[bob.id] = (MANAGE_MESSAGES, 0)
    await desk.done(of_bob, "edit_message", message=sent["id"], text="at two")
    assert "no such message" in await desk.refused(message, "edit_message", message="5", text="x")


async def test_a_reaction_is_the_same_done_twice(desk: Desk) -> None:
    message = await desk.message()
    for _ in range(2):
        await desk.done(message, "add_reaction", emoji="👍")
    assert desk.channel.messages[int(message.id)]["_reactions"] == ["👍"]


@pytest.mark.parametrize("seconds_ago", [2, 600])
@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("send_message_to_channel", {"channel": "lobby", "text": "once"}),
        ("send_embed", {"title": "once"}),
        ("create_thread", {"name": "once", "text": "once"}),
    ],
)
async def test_what_a_process_did_that_died_is_not_done_again(
    desk: Desk, kind: str, arguments: Json, seconds_ago: int
) -> None:
    message = await desk.message()
    await desk.done(message, "send_embed", title="another")
    before = len(desk.written(desk.channel))
    first = await desk.ask(message, kind, **arguments)
    async with desk.here.pool.connection() as connection:  # as if it had not lived to say so
        await connection.execute("update chat_actions set state = null where key = %s", (first.key,))
        await connection.execute(
            "update discord_sent set message_id = null, claimed_at = now() - make_interval(secs => %s)"
            " where turn_id = %s",
            (seconds_ago, f"chat/{first.key}"),
        )
    desk.here.fake.rest.nonce_window = 300 if seconds_ago < 90 else 0
    assert (await desk.ask(message, kind, first.key, **arguments)).state == "done"
    assert len(desk.written(desk.channel)) == before + 1


async def test_what_an_earlier_attempt_may_have_done_is_not_called_refused(desk: Desk) -> None:
    message = await desk.message()
    desk.here.fake.faults.append(Fault("POST", "/messages$", status=0, after=True, times=9))
    key = f"{message.turn_id}/0/c9"
    asked = {"channel": "lobby", "text": "x"}
    await chat.keep(desk.here.pool, key, message.turn_id, "send_message_to_channel", asked, timedelta(seconds=1.5))
    request = ChatRequest(key=key, platform="discord", kind="send_message_to_channel")
    with pytest.raises(ApplicationError, match="cannot be reached"):
        await ActivityEnvironment().run(desk.bot.actions.act, request)
    async with desk.here.pool.connection() as connection:
        await connection.execute("update chat_actions set until = now() + interval '1 minute' where key = %s", (key,))
    desk.channel.overwrites[desk.alice.id] = (0, SEND)
    with pytest.raises(ApplicationError, match="not known"):
        await ActivityEnvironment().run(desk.bot.actions.act, request)
    action = await chat.get(desk.here.pool, key)
    assert action is not None
    assert (action.begun, action.state) == (True, None)
    assert len(desk.written(desk.channel)) == 1


async def test_a_click_is_a_message_of_whoever_clicks(desk: Desk) -> None:
    fake, bob = desk.here.fake, desk.world.add_user("Bob")
    choices = ["Yes, please", "W" * 80]
    await desk.done(await desk.message(), "send_buttons", text="Shall I?", choices=choices)
    [asked] = desk.written(desk.channel)
    number = int(asked["id"])
    doubled = [await fake.press(desk.channel, bob, number) for _ in range(2)]
    await until(lambda: all(click.acknowledged for click in doubled))
    await fake.press(desk.channel, desk.alice, number, choices[1])
    door = desk.here.door
    await until(lambda: len(door.said_in(desk.channel)) == 2)
    first, second = door.said_in(desk.channel)
    assert (first.text, first.user.id, first.private) == ("Yes, please", f"discord:{bob.id}", False)
    assert [(each.text, each.is_clara) for each in first.quoted] == [("Shall I?", True)]
    assert (second.text, second.user.name) == ("W" * 80, "Alice")
    # The answer goes below the buttons, and neither is taken for that of the other.
    for said in (first, second):
        await turns.begin(desk.here.pool, said)
        async with desk.here.pool.connection() as connection:
            await turns.complete(connection, said.turn_id, said.conversation.id, f"so: {said.text}")
        await desk.bot.deliverer.send(said.turn_id)
    answers = desk.written(desk.channel)[1:]
    assert [each["content"] for each in answers] == [f"so: {choices[0]}", f"so: {choices[1]}"]
    assert {each["message_reference"]["message_id"] for each in answers} == {asked["id"]}


async def test_buttons_outlive_the_adapter_and_are_for_those_who_may_talk(pool: Pool) -> None:
    async with inside(pool, DISCORD_ALLOWED_ROLES="friends") as here:
        async with here.running() as bot:
            desk = Desk(here, bot)
            await desk.done(await desk.message(), "send_buttons", text="Which?", choices=["this"])
            [asked] = desk.written(desk.channel)
        friend = here.fake.world.add_user("Friend", roles=[here.fake.world.add_role("friends")])
        async with here.running():
            refused = await here.fake.press(desk.channel, desk.alice, int(asked["id"]))
            assert "may not talk" in await refused.answer()
            await here.fake.press(desk.channel, friend, int(asked["id"]))
            await until(lambda: here.door.said_in(desk.channel))
        assert [said.user.name for said in here.door.said_in(desk.channel)] == ["Friend"]
