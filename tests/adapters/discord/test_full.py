"""A conversation that takes no more: its messages wait in Discord, in order, and others go on."""

from collections.abc import AsyncIterator

import pytest

from adapters.discord.inbound import channel_queue, intake
from store.database import Pool
from tests.adapters.discord.inside import Inside, inside, until


@pytest.fixture
async def here(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inside]:
    monkeypatch.setattr(intake, "FULL_PAUSE_S", 0.05)
    async with inside(pool) as made:
        yield made


async def test_what_a_full_conversation_refuses_is_said_again_in_order(here: Inside) -> None:
    fake, channel, other = here.fake, here.fake.world.add_channel(), here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    here.door.full.add(str(channel.id))
    async with here.running():
        said = [await fake.say(channel, alice, f"{here.at} number {n}") for n in range(3)]
        await until(lambda: here.door.refused > 3)
        elsewhere = await fake.say(other, alice, f"{here.at} and here?")
        await until(lambda: [m.id for m in here.door.said_in(other)] == [str(elsewhere)])
        await until(lambda: channel.messages[said[0]].get("_reactions") == ["⏳"])
        here.door.full.clear()
        await until(lambda: len(here.door.said_in(channel)) == 3)
        await until(lambda: channel.messages[said[0]]["_reactions"] == [])
    assert [m.id for m in here.door.said_in(channel)] == [str(i) for i in said]
    assert fake.from_clara(channel) == [], "nobody is told that it was lost"


async def test_a_restart_meanwhile_loses_nothing(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    here.door.full.add(str(channel.id))
    async with here.running():
        said = [await fake.say(channel, alice, f"{here.at} number {n}") for n in range(3)]
        await until(lambda: channel.messages[said[0]].get("_reactions") == ["⏳"])
    said += [await fake.say(channel, alice, f"{here.at} number {n}") for n in range(3, 5)]
    async with here.running():
        here.door.refused = 0
        await until(lambda: here.door.refused)
        here.door.full.clear()
        await until(lambda: len(here.door.said_in(channel)) == 5)
        await until(lambda: channel.messages[said[0]]["_reactions"] == [])
    assert [m.id for m in here.door.said_in(channel)] == [str(i) for i in said]


async def test_a_flood_into_a_full_conversation_is_left_to_discords_history(
    here: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_queue, "WAITING", 20)
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    here.door.full.add(str(channel.id))
    async with here.running() as bot:
        said = [await fake.say(channel, alice, f"{here.at} number {n}") for n in range(150)]
        await until(lambda: here.door.refused)
        assert all(len(queue.messages) <= 21 for queue in bot.queues._queues.values())
        here.door.full.clear()
        await until(lambda: len(here.door.said_in(channel)) == 150)
    assert [m.id for m in here.door.said_in(channel)] == [str(i) for i in said]


async def test_a_stop_is_heard_while_messages_are_held_back(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running():
        asked = await fake.say(channel, alice, f"{here.at} hello")
        await until(lambda: here.door.said_in(channel))
        await here.door.answering(channel, asked, alice)
        here.door.full.add(str(channel.id))
        await fake.say(channel, alice, f"{here.at} and another")
        await until(lambda: here.door.refused)
        await fake.say(channel, alice, f"{here.at} stop")
        await until(lambda: here.door.stopped_in(channel))
    assert [wish.message_id for wish in here.door.stopped_in(channel)] == [str(asked)]
