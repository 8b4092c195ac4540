"""Messages that no message of a person's asked for: notices, and the replies to what a schedule began."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from adapters.discord.address import Address
from adapters.discord.outbound import undelivered
from adapters.discord.process import DiscordAdapter
from adapters.door import Door
from clara.messages import ConversationKey, Incoming, Person
from clara.notices import Notice
from clara.turn import Delivery
from store import notices
from store.database import Pool
from store.turns import turns, waits
from tests.adapters.discord.harness import Stage, eventually
from tests.adapters.discord.inside import Inside, inside, until
from tests.loopback.discord import Channel, User
from tests.loopback.discord.world import Json


def notice(channel: Channel, text: str = "a mail came", reply_to: int | None = None) -> Notice:
    to = ConversationKey(platform="discord", channel=str(channel.id))
    reference = str(reply_to) if reply_to else None
    return Notice(key=f"mail/{uuid4().hex}", user_id="discord:5", to=to, reply_to=reference, text=text)


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


async def deliver(bot: DiscordAdapter, news: Notice) -> None:
    delivery = Delivery(notice=news.key, to=news.to, reply_to=news.reply_to)
    await ActivityEnvironment().run(bot.deliverer.deliver, delivery)


def written(here: Inside, channel: Channel) -> list[str]:
    return [message["content"] for message in here.fake.from_clara(channel)]


async def _unrecorded(pool: Pool, news: Notice, seconds_ago: int) -> None:
    """As if the process had died after it sent the notice, and before it could say so."""
    async with pool.connection() as connection:
        await connection.execute("update notices set shown_at = null where key = %s", (news.key,))
        await connection.execute(
            "update discord_sent set message_id = null, claimed_at = now() - make_interval(secs => %s)"
            " where turn_id = %s",
            (seconds_ago, f"notice/{news.key}"),
        )


async def test_a_notice_stands_for_itself_or_answers_a_message(here: Inside) -> None:
    channel = here.fake.world.add_channel()
    trigger = await here.fake.say(channel, here.fake.world.add_user("Alice"), "tell me when a mail comes")
    alone, answer = notice(channel, "one"), notice(channel, "two", reply_to=trigger)
    async with here.running() as bot:
        for news in (alone, answer):
            await notices.keep(here.pool, news)
            await deliver(bot, news)
            await deliver(bot, news)
    first, second = here.fake.from_clara(channel)
    assert (first["content"], first.get("message_reference")) == ("one", None)
    assert (second["content"], second["message_reference"]["message_id"]) == ("two", str(trigger))
    assert (first["components"], second["components"]) == ([], [])


@pytest.mark.parametrize("seconds_ago", [2, 600])
async def test_one_that_was_sent_by_a_process_that_died_is_not_sent_again(here: Inside, seconds_ago: int) -> None:
    channel = here.fake.world.add_channel()
    news, alike = notice(channel, "stretch your legs"), notice(channel, "stretch your legs")
    async with here.running() as bot:
        for each in (news, alike):
            await notices.keep(here.pool, each)
        await deliver(bot, news)
        await _unrecorded(here.pool, news, seconds_ago)
        here.fake.rest.nonce_window = 300 if seconds_ago < 90 else 0
        await deliver(bot, news)
        assert written(here, channel) == ["stretch your legs"]
        # Claimed by a process that died before it sent anything: that there is one alike means nothing.
        await here.door.store(_claim, alike)
        await _unrecorded(here.pool, alike, 600)
        await deliver(bot, alike)
        assert written(here, channel) == ["stretch your legs"] * 2


async def _claim(pool: Pool, news: Notice) -> None:
    from store import discord

    await discord.claim(pool, f"notice/{news.key}", 0)


async def test_one_that_may_not_be_written_comes_with_the_permission(
    here: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undelivered, "FIRST_PAUSE_S", 0.1)
    channel = here.fake.world.add_channel()
    channel.forbids.add("send")
    news = [notice(channel, f"news {n}") for n in range(3)]
    async with here.running() as bot:
        for each in news:
            await notices.keep(here.pool, each)
            with pytest.raises(ApplicationError) as failure:
                await deliver(bot, each)
            assert failure.value.non_retryable
    channel.forbids.clear()
    async with here.running():  # another process, which finds them in the store
        await until(lambda: len(written(here, channel)) == 3)
    assert written(here, channel) == ["news 0", "news 1", "news 2"]


async def test_one_that_was_forgotten_meanwhile_is_not_sent(here: Inside) -> None:
    channel = here.fake.world.add_channel()
    async with here.running() as bot:
        with pytest.raises(ApplicationError, match="not in the store"):
            await deliver(bot, notice(channel))
    assert written(here, channel) == []


@pytest.mark.timeout(240)
async def test_each_is_sent_once_while_the_adapter_is_killed(
    bot: Stage, channel: Channel, client: Client, pool: Pool
) -> None:
    door, dice = Door(client, pool), Random(8)
    texts = [f"news number {n}" for n in range(24)]
    for number, text in enumerate(texts):
        await door.notify(notice(channel, text))
        if number % 6 == 3:
            await asyncio.sleep(dice.uniform(0, 0.3))
            await bot.adapter.kill()
            await bot.adapter.start()
    await eventually(
        lambda: {message["content"] for message in bot.fake.from_clara(channel)} == set(texts),
        "some were not sent",
        bot.adapter.log,
        200,
    )
    await asyncio.sleep(1)
    assert sorted(message["content"] for message in bot.fake.from_clara(channel)) == sorted(texts)


async def test_what_a_schedule_began_is_answered_without_a_message_to_reply_to(
    bot: Stage, channel: Channel, alice: User, client: Client, pool: Pool
) -> None:
    began = Incoming(
        id=f"schedule-{uuid4().hex}",
        conversation=ConversationKey(platform="discord", channel=str(channel.id)),
        user=Person(id=f"discord:{alice.id}", name="Alice"),
        text="good morning",
        sent_at=datetime(2026, 11, 1, tzinfo=UTC),
        origin="schedule",
        deliver_to="deliver-discord",
    )
    turn_id = await Door(client, pool, memory=False).say(began)
    await eventually(lambda: bot.fake.from_clara(channel), "no answer", bot.adapter.log)
    [answer] = bot.fake.from_clara(channel)
    assert "good morning" in answer["content"]
    assert "late" not in answer["content"]
    assert (answer.get("message_reference"), answer["components"]) == (None, [])
    turn = await turns.get(pool, turn_id)
    assert turn is not None
    assert turn.message.origin == "schedule"


async def test_the_message_of_a_turn_that_waits_is_edited_in_place(
    bot: Stage, channel: Channel, alice: User, at: str, client: Client, pool: Pool
) -> None:
    trigger = await bot.fake.say(channel, alice, f'{at} use ask_person {{"whom": "Bob"}}')

    def shown() -> Json:
        return next(iter(bot.replies(channel, trigger)), {"content": "", "id": ""})

    await eventually(lambda: "waiting for an answer of Bob" in shown()["content"], "it is not told", bot.adapter.log)
    waiting = shown()
    assert waiting["components"], "it can be stopped"
    turn_id = f"turn/discord/{channel.id}/{trigger}"
    [wait] = (await waits.of_turns(pool, [turn_id]))[turn_id]
    # Another life of the adapter finds the message too.
    await bot.adapter.kill()
    await bot.adapter.start()
    await bot.connected()
    assert await Door(client, pool).bring(f"{turn_id}/{wait.step}/{wait.call_id}", "yes, on Friday")
    answer = await bot.answer(channel, trigger)
    assert "yes, on Friday" in answer["content"]
    assert answer["id"] == waiting["id"]
    assert len(bot.fake.from_clara(channel)) == 1


def test_addresses() -> None:
    assert Address.of("turn/discord/7/42") == Address("turn/discord/7/42", 7, 42)
    assert Address.of("turn/discord/7/schedule-42").trigger is None
    clicked = Address.of("turn/discord/7/click-9-42")
    assert (clicked.trigger, clicked.begins_with_a_preview) == (42, False)
    to = ConversationKey(platform="discord", channel="7")
    assert Address.of_delivery(Delivery(turn_id="turn/discord/7/42", status="completed")).trigger == 42
    assert Address.of_delivery(Delivery(notice="a/b", to=to, reply_to="9")) == Address("notice/a/b", 7, 9)
