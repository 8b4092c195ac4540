"""Stopping: by word, by button and by command; what waits goes on."""

import time

from tests.adapters.discord.harness import Stage, eventually
from tests.loopback.discord import Channel, User

SLOW = "write 400 words every 50 ms"


async def running(bot: Stage, channel: Channel, who: User, at: str) -> int:
    """A message whose answer is being streamed."""
    trigger = await bot.fake.say(channel, who, f"{at} {SLOW}")
    await eventually(lambda: bot.replies(channel, trigger), "no placeholder", bot.adapter.log)
    return trigger


async def test_the_phrase_stops_the_answer_and_not_what_waits(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    trigger = await running(bot, channel, alice, at)
    waiting = await bot.fake.say(channel, alice, f"{at} stop at the red light")
    began = time.monotonic()
    said = await bot.fake.say(channel, alice, f"{at}, stop!")
    answer = await bot.answer(channel, trigger)
    assert answer["content"].startswith("Stopped")
    assert time.monotonic() - began < 8
    assert "red light" in (await bot.answer(channel, waiting))["content"]
    assert bot.replies(channel, said) == []
    assert channel.messages[said]["_reactions"] == ["👌"]


async def test_a_word_of_the_operators_list_stops_in_private(bot: Stage, alice: User) -> None:
    direct = bot.fake.direct(alice)
    trigger = await running(bot, direct, alice, "")
    await bot.fake.say(direct, alice, "HALT")
    assert (await bot.answer(direct, trigger))["content"].startswith("Stopped")


async def test_the_button_is_for_its_author_and_for_those_who_manage(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    trigger = await running(bot, channel, alice, at)
    placeholder = int(bot.replies(channel, trigger)[0]["id"])
    mallory = bot.fake.world.add_user("Mallory")
    refused = await bot.fake.press(channel, mallory, placeholder)
    assert "Only Alice" in await refused.answer()
    assert bot.replies(channel, trigger, final=True) == []
    await bot.fake.press(channel, alice, placeholder)
    assert (await bot.answer(channel, trigger))["content"].startswith("Stopped")
    assert len(bot.replies(channel, trigger)) == 1


async def test_the_button_works_after_a_crash_of_the_adapter(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    trigger = await running(bot, channel, alice, at)
    placeholder = int(bot.replies(channel, trigger)[0]["id"])
    await bot.adapter.kill()
    await bot.fake.gateway.drop(abort=True)
    await bot.adapter.start()
    await bot.connected()
    await bot.fake.press(channel, alice, placeholder)
    assert (await bot.answer(channel, trigger))["content"].startswith("Stopped")
    assert len(bot.fake.from_clara(channel)) == 1


async def test_the_command_stops(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    trigger = await running(bot, channel, alice, at)
    assert "stopping" in await (await bot.fake.command(channel, alice, "stop")).answer()
    assert (await bot.answer(channel, trigger))["content"].startswith("Stopped")
