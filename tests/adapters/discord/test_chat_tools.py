"""The chat tools as a model uses them, over all of Clara's processes, and through their deaths."""

import asyncio
import json
from typing import Any

import pytest

from tests.adapters.discord.harness import Stage, eventually
from tests.loopback.discord import Channel, Fault, User


def use(at: str, tool: str, **arguments: Any) -> str:
    return f"{at} use {tool} {json.dumps(arguments)}"


async def test_a_model_writes_elsewhere_and_reads_what_was_said_there(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    elsewhere = await bot.fake.channel("elsewhere")
    asked = use(at, "send_message_to_channel", channel="elsewhere", text="the cake is ready")
    answer = await bot.answer(channel, await bot.fake.say(channel, alice, asked))
    assert "Sent in #elsewhere" in answer["content"]
    assert [each["content"] for each in bot.fake.from_clara(elsewhere)] == ["the cake is ready"]
    asked = use(at, "get_chat_history", channel="elsewhere")
    answer = await bot.answer(channel, await bot.fake.say(channel, alice, asked))
    assert "You: the cake is ready" in answer["content"]
    # What people told her in a channel is found from another one.
    await bot.answer(elsewhere, await bot.fake.say(elsewhere, alice, f"{at} the password of the shed is marmalade"))
    asked = use(at, "search_chat_history", query="shed marmalade")
    answer = await bot.answer(channel, await bot.fake.say(channel, alice, asked))
    assert "#elsewhere" in answer["content"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("tool", ["send_message_to_channel", "create_thread"])
async def test_killed_between_a_request_and_its_answer_it_is_done_once(
    bot: Stage, channel: Channel, alice: User, at: str, tool: str
) -> None:
    target = await bot.fake.channel(f"target-of-{tool.replace('_', '-')}")
    ending = "threads$" if tool == "create_thread" else "messages$"
    fault = Fault("POST", rf"{target.id}/.*{ending}" if tool == "create_thread" else f"{target.id}/{ending}", slow=30)
    bot.fake.faults.append(fault)
    more = {"name": "party"} if tool == "create_thread" else {}
    trigger = await bot.fake.say(channel, alice, use(at, tool, channel=target.name, text="come to the party", **more))
    await eventually(lambda: fault.met == 1, "nothing was sent", bot.adapter.log)
    await asyncio.sleep(0.3)
    await asyncio.gather(bot.worker.kill(), bot.adapter.kill())
    bot.fake.faults.clear()
    await bot.adapter.start()
    await bot.worker.start()
    answer = await bot.answer(channel, trigger, 150)
    assert [each["content"] for each in bot.fake.from_clara(target)] == ["come to the party"]
    assert target.name in answer["content"]
    assert "I do not know" not in answer["content"]
    threads = [each for each in bot.fake.world.channels.values() if each.parent == target.id]
    assert len(threads) == (tool == "create_thread")
