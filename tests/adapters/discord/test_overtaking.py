"""A stop does not wait for the files of others; the order of everything else stays."""

from collections.abc import AsyncIterator

import pytest

from store.database import Pool
from tests.adapters.discord.harness import Stage, eventually
from tests.adapters.discord.inside import Inside, inside, until
from tests.adapters.discord.test_stop import running
from tests.loopback.discord import Channel, FakeDiscord, User


def dripping(fake: FakeDiscord) -> dict[str, object]:
    """A file that takes 20 s to come, unless it is let go."""
    return fake.attach("slow.txt", b"x" * 20, "text/plain", pause_s=1)


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


async def reading(here: Inside, channel: Channel, who: User, file: dict[str, object]) -> int:
    """A message whose file is being fetched."""
    said = await here.fake.say(channel, who, f"{here.at} look", attachments=[file])
    await until(lambda: here.fake.fetched(file))
    return said


async def test_a_file_that_drips_does_not_hold_up_anothers_stop(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    trigger = await running(bot, channel, alice, at)
    bob = bot.fake.world.add_user("Bob")
    file = dripping(bot.fake)
    theirs = await bot.fake.say(channel, bob, f"{at} and this?", attachments=[file])
    await eventually(lambda: bot.fake.fetched(file), "the file was not fetched", bot.adapter.log)
    await bot.fake.say(channel, alice, f"{at} stop")
    assert (await bot.answer(channel, trigger))["content"].startswith("Stopped")
    assert not bot.fake.served(file), "it was stopped before the file was there"
    bot.fake.let_go(file)
    assert "and this?" in (await bot.answer(channel, theirs))["content"]


async def test_messages_keep_their_order_around_it(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice, bob = fake.world.add_user("Alice"), fake.world.add_user("Bob")
    async with here.running():
        asked = await fake.say(channel, alice, f"{here.at} hello")
        await until(lambda: here.door.said_in(channel))
        await here.door.answering(channel, asked, alice)
        file = dripping(fake)
        slow = await reading(here, channel, bob, file)
        after = await fake.say(channel, alice, f"{here.at} one more thing")
        stop = await fake.say(channel, alice, f"{here.at} stop")
        await until(lambda: here.door.stopped_in(channel))
        assert [m.id for m in here.door.said_in(channel)] == [str(asked)]
        fake.let_go(file)
        await until(lambda: len(here.door.said_in(channel)) == 3)
    assert [m.id for m in here.door.said_in(channel)] == [str(asked), str(slow), str(after)]
    assert len(here.door.said_in(channel)[1].attachments) == 1
    assert [wish.message_id for wish in here.door.stopped_in(channel)] == [str(asked)]
    assert channel.messages[stop]["_reactions"] == ["👌"]


async def test_where_nothing_runs_it_means_the_message_that_is_being_read(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running():
        file = dripping(fake)
        slow = await reading(here, channel, alice, file)
        await fake.say(channel, alice, f"{here.at} stop")
        await until(lambda: here.door.stopped_in(channel))
        assert not fake.served(file)
    assert [m.id for m in here.door.said_in(channel)] == [str(slow)]
    assert [wish.message_id for wish in here.door.stopped_in(channel)] == [str(slow)]


async def test_the_message_that_was_being_read_is_stopped_in_its_conversation(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    file = dripping(bot.fake)
    trigger = await bot.fake.say(channel, alice, f"{at} look at this", attachments=[file])
    await eventually(lambda: bot.fake.fetched(file), "the file was not fetched", bot.adapter.log)
    await bot.fake.say(channel, alice, f"{at} never mind")
    assert (await bot.answer(channel, trigger))["content"].startswith("Stopped")
    assert not bot.fake.served(file)


async def test_the_command_overtakes_too(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice = fake.world.add_user("Alice")
    async with here.running():
        slow = await reading(here, channel, alice, dripping(fake))
        used = await fake.command(channel, alice, "stop")
        assert "stopping" in await used.answer()
        await until(lambda: here.door.stopped_in(channel))
    assert [wish.message_id for wish in here.door.stopped_in(channel)] == [str(slow)]


async def test_a_stop_that_was_carried_out_is_not_repeated_after_a_restart(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice, bob = fake.world.add_user("Alice"), fake.world.add_user("Bob")
    async with here.running():
        asked = await fake.say(channel, alice, f"{here.at} hello")
        await until(lambda: here.door.said_in(channel))
        await here.door.answering(channel, asked, alice)
        file = dripping(fake)
        slow = await reading(here, channel, bob, file)
        await fake.say(channel, alice, f"{here.at} stop")
        await until(lambda: here.door.stopped_in(channel))
    fake.let_go(file)
    here.door.running[str(channel.id)] = await here.door.answering(channel, slow, bob)
    async with here.running():
        last = await fake.say(channel, alice, f"{here.at} still there?")
        await until(lambda: str(last) in [m.id for m in here.door.said_in(channel)])
    assert [wish.message_id for wish in here.door.stopped_in(channel)] == [str(asked)]
