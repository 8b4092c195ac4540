"""An answer that may not be written is kept and comes when it may; corrections come once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from adapters.discord.address import Address
from adapters.discord.api import rest
from adapters.discord.outbound import undelivered
from adapters.discord.outbound.previews import stop_button
from adapters.discord.process import DiscordAdapter
from clara.turn import Delivery
from store.database import Pool
from store.turns import turns
from tests.adapters.discord.harness import Stage, eventually
from tests.adapters.discord.inside import Inside, incoming, inside, until
from tests.loopback.discord import Channel, Fault, User

SLOW = "write 120 words every 100 ms"


async def test_the_answer_comes_with_the_permission_and_the_button_goes(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    trigger = await bot.fake.say(channel, alice, f"{at} {SLOW}")
    await eventually(lambda: bot.replies(channel, trigger), "no placeholder", bot.adapter.log)
    channel.forbids |= {"send", "edit"}
    refusal = f"{channel.id}/{trigger}: not allowed to write"
    await eventually(lambda: refusal in bot.adapter.log.read_text(), "it was not refused", bot.adapter.log)
    assert bot.replies(channel, trigger)[0]["components"], "nothing can be done about it yet"
    await bot.fake.permit(channel)
    await eventually(
        lambda: bot.replies(channel, trigger)[0]["content"].endswith("word119"), "not all", bot.adapter.log
    )
    assert not (await bot.answer(channel, trigger))["components"]
    assert len(bot.fake.from_clara(channel)) == 1


async def test_the_answer_comes_after_a_restart_of_the_adapter(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    channel.forbids |= {"send", "edit"}
    trigger = await bot.fake.say(channel, alice, f"{at} good morning")
    refusal = f"{channel.id}/{trigger}: not allowed to write"
    await eventually(lambda: refusal in bot.adapter.log.read_text(), "it was not refused", bot.adapter.log)
    await bot.adapter.kill()
    channel.forbids.clear()
    await bot.adapter.start()
    await bot.connected()
    assert "good morning" in (await bot.answer(channel, trigger))["content"]
    again = await bot.fake.say(channel, alice, f"{at} good evening")
    assert "good evening" in (await bot.answer(channel, again))["content"]
    assert len(bot.fake.from_clara(channel)) == 2


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


async def answered(here: Inside, channel: Channel, who: User, reply: str, **more: object) -> str:
    """A turn that has ended; returns its id."""
    trigger = await here.fake.say(channel, who, "hello")
    message = incoming(channel, trigger, who, **more)
    await here.door.store(turns.begin, message)
    async with here.pool.connection() as connection:
        await turns.close(connection, message, "stopped", reply)
    return message.turn_id


async def deliver(bot: DiscordAdapter, turn_id: str, correction: str = "") -> None:
    delivery = Delivery(turn_id=turn_id, status="stopped", correction=correction)
    await ActivityEnvironment().run(bot.deliverer.deliver, delivery)


def written(here: Inside, channel: Channel) -> list[str]:
    return [message["content"] for message in here.fake.from_clara(channel)]


async def test_refused_answers_come_in_order_and_only_once(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undelivered, "FIRST_PAUSE_S", 0.1)
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running() as bot:
        channel.forbids.add("send")
        refused = [await answered(here, channel, alice, f"reply {n}") for n in range(3)]
        for turn_id in refused:
            with pytest.raises(ApplicationError) as failure:
                await deliver(bot, turn_id)
            assert failure.value.non_retryable, "the conversation does not wait for the permission"
        before = len(fake.requests)
        await asyncio.sleep(2)
        assert len(fake.requests) - before < 10, "it is asked less and less often"
        await fake.permit(channel)
        await until(lambda: len(written(here, channel)) == 3)
        for turn_id in refused:
            await deliver(bot, turn_id)
    assert written(here, channel) == ["reply 0", "reply 1", "reply 2"]


async def test_the_next_answer_there_brings_the_earlier_ones(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running() as bot:
        channel.forbids.add("send")
        with pytest.raises(ApplicationError):
            await deliver(bot, await answered(here, channel, alice, "earlier"))
        channel.forbids.clear()
        await deliver(bot, await answered(here, channel, alice, "later"))
        await until(lambda: len(written(here, channel)) == 2)
    assert written(here, channel) == ["later", "earlier"]


async def test_where_the_channel_is_gone_it_is_not_tried_for_ever(
    here: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undelivered, "FIRST_PAUSE_S", 0.05)
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running() as bot:
        channel.forbids.add("send")
        turn_id = await answered(here, channel, alice, "reply")
        with pytest.raises(ApplicationError):
            await deliver(bot, turn_id)
        channel.exists = False
        await until(lambda: bot.undelivered.channels == [])


async def test_a_button_that_was_left_behind_goes_when_it_is_pressed(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running() as bot:
        turn_id = await answered(here, channel, alice, "reply")
        await deliver(bot, turn_id)
        (message,) = fake.from_clara(channel)
        button = {"type": 2, "style": 4, "label": "Stop", "custom_id": f"clara:stop:{turn_id}"}
        message["components"] = [{"type": 1, "components": [button]}]
        await fake.press(channel, fake.world.add_user("Bob"), int(message["id"]))
        await until(lambda: message["components"] == [])
    assert here.door.stops == []


SENTENCE = "The note was saved after all."


async def test_a_correction_is_a_reply_to_the_answer_and_stands_in_it_too(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running() as bot:
        turn_id = await answered(here, channel, fake.world.add_user("Alice"), "Stopped.")
        await deliver(bot, turn_id)
        for _ in range(3):
            await deliver(bot, turn_id, SENTENCE)
        answer, correction = fake.from_clara(channel)
        assert answer["content"] == f"Stopped.\n\n{SENTENCE}"
        assert correction["content"] == SENTENCE
        assert correction["message_reference"]["message_id"] == answer["id"]
        await deliver(bot, turn_id, "And another one.")
    assert written(here, channel)[1:] == [SENTENCE, "And another one."]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_correction_whose_request_was_cut_is_there_once(
    here: Inside, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "PAUSE_S", (0.01, 0.02))
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running() as bot:
        turn_id = await answered(here, channel, fake.world.add_user("Alice"), "Stopped.")
        await deliver(bot, turn_id)
        fake.faults.append(Fault(method, "/messages", status=0, after=True, times=100))
        with pytest.raises(ApplicationError):
            await deliver(bot, turn_id, SENTENCE)
        fake.faults.clear()
    async with here.running() as bot:
        await deliver(bot, turn_id, SENTENCE)
    assert written(here, channel) == [f"Stopped.\n\n{SENTENCE}", SENTENCE]


async def test_a_correction_of_an_answer_that_was_deleted_or_is_full(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running() as bot:
        full, gone = "x" * 1990, await answered(here, channel, alice, "Stopped.")
        for turn_id in (gone, other := await answered(here, channel, alice, full)):
            await deliver(bot, turn_id)
        channel.messages.pop(int(fake.from_clara(channel)[0]["id"]))
        await deliver(bot, gone, SENTENCE)
        await deliver(bot, other, SENTENCE)
    assert written(here, channel) == [full, SENTENCE, SENTENCE]


async def test_a_reply_that_was_sent_with_its_correction_is_not_corrected_again(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running() as bot:
        turn_id = await answered(here, channel, fake.world.add_user("Alice"), f"Stopped.\n\n{SENTENCE}")
        await deliver(bot, turn_id, SENTENCE)
        with pytest.raises(ApplicationError) as failure:
            await deliver(bot, turn_id, "Something that the reply does not say.")
        assert not failure.value.non_retryable, "the reply comes first"
        await deliver(bot, turn_id)
        await deliver(bot, turn_id, SENTENCE)
    assert written(here, channel) == [f"Stopped.\n\n{SENTENCE}"]


async def test_where_the_words_are_blocked_only_the_button_goes(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running() as bot:
        turn_id = await answered(here, channel, fake.world.add_user("Alice"), "reply")
        to = Address.of(turn_id)
        await bot.outbox.put(to, 0, "rep", [stop_button(to)])
        blocked = {"code": 200000, "message": "Message was blocked by automatic moderation"}
        fake.faults.append(Fault("PATCH", "/messages/", 400, body=blocked))
        with pytest.raises(ApplicationError):
            await deliver(bot, turn_id)
        assert channel.id not in bot.undelivered.channels, "other tests have left theirs"
    (message,) = fake.from_clara(channel)
    assert message["components"] == []
