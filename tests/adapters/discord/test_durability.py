"""Nothing is lost and nothing is said twice, whatever breaks."""

import asyncio
import time

import pytest
from temporalio.client import Client

from clara.messages import ConversationKey
from temporal import attributes
from tests.adapters.discord.harness import Stage, eventually
from tests.loopback.discord import Channel, Fault, User
from tests.loopback.discord.faults import rate_limited


async def test_what_is_said_while_the_adapter_is_down_is_answered_once(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    fake = bot.fake
    direct, thread = fake.direct(alice), await fake.thread(channel)
    for place, words in ((channel, f"{at} before"), (thread, f"{at} before"), (direct, "before")):
        await bot.answer(place, await fake.say(place, alice, words))
    await bot.adapter.kill()
    await fake.gateway.drop(abort=True, forget=True)
    missed = [(place, await fake.say(place, alice, f"{at} were you away?")) for place in (channel, thread, direct)]
    born = await fake.thread(channel, announce=False)
    missed.append((born, await fake.say(born, alice, f"{at} a new thread")))
    created = fake.world.add_channel("created meanwhile")
    missed.append((created, await fake.say(created, alice, f"{at} a new channel")))
    chatter = await fake.say(channel, alice, "not for her")
    await bot.adapter.start()
    for place, trigger in missed:
        await bot.answer(place, trigger)
    await bot.adapter.end()
    await bot.adapter.start()
    await bot.connected()
    await asyncio.sleep(1)
    assert all(len(bot.replies(place, trigger)) == 1 for place, trigger in missed)
    assert bot.replies(channel, chatter) == []


async def test_a_late_answer_says_so(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    await bot.answer(channel, await bot.fake.say(channel, alice, f"{at} hello"))
    direct = bot.fake.direct(alice)
    trigger = await bot.fake.say(direct, alice, "an hour ago", at=time.time() - 3600)
    assert (await bot.answer(direct, trigger))["content"].startswith("-# Sorry that this is late")


@pytest.mark.parametrize("how", ["closed", "reset", "asked", "forgotten"])
async def test_a_broken_gateway_loses_nothing(bot: Stage, channel: Channel, alice: User, at: str, how: str) -> None:
    fake = bot.fake
    await bot.answer(channel, await fake.say(channel, alice, f"{at} hello"))
    if how == "asked":
        await fake.gateway.reconnect()
    else:
        await fake.gateway.drop(abort=how == "reset", forget=how == "forgotten")
    triggers = [await fake.say(channel, alice, f"{at} number {n}") for n in range(3)]
    for trigger in triggers:
        await bot.answer(channel, trigger)
    answers = [m["message_reference"]["message_id"] for m in fake.from_clara(channel)][1:]
    assert answers == [str(trigger) for trigger in triggers], "each once, in order"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/messages$", status=0, after=True),
        Fault("POST", "/messages$", status=0, after=False, times=2),
        Fault("POST", "/messages$", status=503, after=True),
        rate_limited("POST", "/messages$", 0.5),
        rate_limited("POST", "/messages$", 0.5, scope="global"),
        rate_limited("POST", "/messages$", 1, scope=None),
    ],
    ids=["cut-after", "cut-before", "503-after", "429", "429-global", "cloudflare"],
)
async def test_a_send_that_goes_wrong_leaves_one_answer(
    bot: Stage, channel: Channel, alice: User, at: str, fault: Fault
) -> None:
    bot.fake.faults.append(fault)
    trigger = await bot.fake.say(channel, alice, f"{at} hello")
    await bot.answer(channel, trigger)
    await asyncio.sleep(0.3)
    bot.fake.faults.clear()
    assert fault.met == fault.times
    assert len(bot.fake.from_clara(channel)) == 1


async def test_an_answer_survives_its_placeholder(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    trigger = await bot.fake.say(channel, alice, f"{at} write 40 words every 60 ms")
    await eventually(lambda: bot.replies(channel, trigger), "no placeholder", bot.adapter.log)
    del channel.messages[int(bot.replies(channel, trigger)[0]["id"])]
    assert (await bot.answer(channel, trigger))["content"].endswith("word39")
    assert len(bot.fake.from_clara(channel)) == 1


async def test_an_answer_is_given_where_nothing_may_be_edited(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    refusal = {"code": 30046, "message": "too many edits of an old message"}
    fault = Fault("PATCH", str(channel.id), 400, body=refusal)
    bot.fake.faults.append(fault)
    trigger = await bot.fake.say(channel, alice, f"{at} write 80 words every 100 ms")
    assert (await bot.answer(channel, trigger))["content"].endswith("word79")
    assert fault.met == 1
    assert len(bot.fake.from_clara(channel)) == 1


@pytest.mark.parametrize("why", ["forbidden", "gone"])
async def test_where_nothing_can_be_delivered_the_turn_says_so_and_ends(
    bot: Stage, channel: Channel, alice: User, at: str, client: Client, why: str
) -> None:
    channel.forbids.add("send")
    trigger = await bot.fake.say(channel, alice, f"{at} write 10 words every 200 ms")
    if why == "gone":
        channel.exists = False
    key = ConversationKey(platform="discord", channel=str(channel.id))
    turn = client.get_workflow_handle(f"turn/{key.id}/{trigger}")

    async def status() -> str | None:
        try:
            return (await turn.describe()).typed_search_attributes.get(attributes.STATUS)
        except Exception:
            return None

    for _ in range(200):
        if (found := await status()) not in (None, "running"):
            break
        await asyncio.sleep(0.1)
    assert found == "undelivered"
    channel.forbids.clear()
    other = await bot.fake.channel()
    await bot.answer(other, await bot.fake.say(other, alice, f"{at} still there?"))


async def test_sigterm_ends_the_session_and_the_process(bot: Stage) -> None:
    before = bot.fake.gateway.clean_ends
    assert await bot.adapter.end() == 0
    await eventually(lambda: bot.fake.gateway.clean_ends == before + 1, "the session was left open", bot.adapter.log)
