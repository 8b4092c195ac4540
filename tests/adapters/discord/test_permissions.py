"""The operator's lists: where she talks, and with whom."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from tests.adapters.discord.harness import Process, Stage
from tests.loopback.discord import Channel, User


@dataclass
class Lists:
    stage: Stage
    channel: Channel
    member: User
    stranger: User


@pytest.fixture(scope="module")
async def lists(stage: Stage) -> AsyncIterator[Lists]:
    """An adapter that may answer people of one role in one channel only."""
    fake = stage.fake
    channel = fake.world.add_channel("allowed")
    role = fake.world.add_role("friends")
    environment = {
        **stage.adapter.environment,
        "DISCORD_ALLOWED_SERVERS": str(fake.world.guild_id),
        "DISCORD_ALLOWED_CHANNELS": str(channel.id),
        "DISCORD_ALLOWED_ROLES": "friends",
    }
    await stage.adapter.end()
    adapter = Process("adapters.discord", environment, stage.adapter.log)
    await adapter.start()
    listed = replace(stage, adapter=adapter)
    await listed.connected()
    member, stranger = fake.world.add_user("Friend", roles=[role]), fake.world.add_user("Stranger")
    yield Lists(listed, channel, member, stranger)
    await adapter.end()


async def answered(lists: Lists, channel: Channel, who: User, at: str) -> bool:
    """Whether a message is answered; a later one that must be shows when to stop waiting."""
    trigger = await lists.stage.fake.say(channel, who, f"{at} hello?")
    known = await lists.stage.fake.say(lists.channel, lists.member, f"{at} hello!")
    await lists.stage.answer(lists.channel, known)
    return bool(lists.stage.replies(channel, trigger))


async def test_only_the_listed_channel_and_its_threads(lists: Lists, at: str) -> None:
    other = await lists.stage.fake.channel("other")
    assert not await answered(lists, other, lists.member, at)
    thread = await lists.stage.fake.thread(lists.channel)
    trigger = await lists.stage.fake.say(thread, lists.member, f"{at} in a thread")
    await lists.stage.answer(thread, trigger)


async def test_only_people_with_the_role(lists: Lists, at: str) -> None:
    assert not await answered(lists, lists.channel, lists.stranger, at)
    refused = await lists.stage.fake.command(lists.channel, lists.stranger, "usage")
    assert "may not talk" in await refused.answer()


async def test_in_private_too(lists: Lists, at: str) -> None:
    fake = lists.stage.fake
    assert not await answered(lists, fake.direct(lists.stranger), lists.stranger, at)
    direct = fake.direct(lists.member)
    await lists.stage.answer(direct, await fake.say(direct, lists.member, "hello"))
