"""The chat tools as a model uses them, over all of Clara's processes, and through their deaths."""

import asyncio
import json
from typing import Any

import pytest

from tests.adapters.discord.harness import Stage, eventually
from tests.loopback.discord import Channel, Fault, User
from tests.loopback.discord.world import Json
from tests.patience import PATIENCE_S


def use(at: str, tool: str, **arguments: Any) -> str:
    return f"{at} use {tool} {json.dumps(arguments)}"


async def allow(bot: Stage, channel: Channel, who: User) -> None:
    """Say yes to what is asked there."""

    def cards() -> list[Json]:
        return [each for each in bot.fake.from_clara(channel) if "May I do this?" in each["content"]]

    await eventually(cards, "nothing was asked", bot.adapter.log)
    await bot.fake.press(channel, who, int(cards()[-1]["id"]), "Allow")


async def answered(bot: Stage, channel: Channel, trigger: int, words: str, seconds: float = PATIENCE_S) -> Json:
    """The answer to a message, which says that."""

    def found() -> list[Json]:
        return [each for each in bot.replies(channel, trigger, final=True) if "Done: " in each["content"]]

    await eventually(found, f"no answer to {trigger}", bot.adapter.log, seconds)
    [answer] = found()
    assert words in answer["content"]
    return answer


async def test_a_model_writes_elsewhere_and_reads_what_was_said_there(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    elsewhere = await bot.fake.channel("elsewhere")
    asked = use(at, "send_message_to_channel", channel="elsewhere", text="the cake is ready")
    trigger = await bot.fake.say(channel, alice, asked)
    await allow(bot, channel, alice)
    await answered(bot, channel, trigger, "Sent in #elsewhere")
    assert [each["content"] for each in bot.fake.from_clara(elsewhere)] == ["the cake is ready"]
    asked = use(at, "get_chat_history", channel="elsewhere")
    await answered(bot, channel, await bot.fake.say(channel, alice, asked), "You: the cake is ready")
    # What people told her in a channel is found from another one.
    await bot.answer(elsewhere, await bot.fake.say(elsewhere, alice, f"{at} the password of the shed is marmalade"))
    asked = use(at, "search_chat_history", query="shed marmalade")
    await answered(bot, channel, await bot.fake.say(channel, alice, asked), "#elsewhere")


async def test_a_click_is_answered_below_the_buttons(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    asked = use(at, "send_buttons", text="Tea or coffee?", choices=["Tea", "Coffee"])
    await answered(bot, channel, await bot.fake.say(channel, alice, asked), "Sent in #general")
    [question] = [each for each in bot.fake.from_clara(channel) if each["components"]]
    bob = bot.fake.world.add_user("Bob")
    await bot.fake.press(channel, bob, int(question["id"]), "Coffee")
    answer = await bot.answer(channel, int(question["id"]))
    assert answer["content"].endswith("Coffee")


@pytest.mark.timeout(240)
async def test_killed_between_a_request_and_its_answer_each_is_done_once(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    fake, other = bot.fake, await bot.fake.channel()
    news, plans = await fake.channel("killed-news"), await fake.channel("killed-plans")
    faults = [
        Fault("POST", f"{news.id}/messages$", slow=30),
        Fault("POST", rf"{plans.id}/messages/\d+/threads$", slow=30),
    ]
    fake.faults += faults
    sending = use(at, "send_message_to_channel", channel=news.name, text="come to the party")
    opening = use(at, "create_thread", channel=plans.name, text="who brings what?", name="party")
    asked = [(place, await fake.say(place, alice, words)) for place, words in ((channel, sending), (other, opening))]
    for place, _ in asked:
        await allow(bot, place, alice)
    await eventually(lambda: all(fault.met for fault in faults), "nothing was sent", bot.adapter.log)
    await asyncio.sleep(0.3)
    await asyncio.gather(bot.worker.kill(), bot.adapter.kill())
    fake.faults.clear()
    await bot.adapter.start()
    await bot.worker.start()
    for (place, trigger), name in zip(asked, (news.name, plans.name), strict=True):
        answer = await answered(bot, place, trigger, f"#{name}: ", 150)
        assert "I do not know" not in answer["content"]
    assert [each["content"] for each in fake.from_clara(news)] == ["come to the party"]
    assert [each["content"] for each in fake.from_clara(plans)] == ["who brings what?"]
    assert [each.name for each in fake.world.channels.values() if each.parent == plans.id] == ["party"]
