"""Everything is killed at random while many people write: each message is answered once, in order.

CLARA_CHAOS_MESSAGES and CLARA_CHAOS_SEED make it longer and repeatable.
"""

import asyncio
import os
import random
import time
from collections import Counter
from itertools import count

import pytest

from tests.adapters.discord.harness import ANSWER, Stage
from tests.loopback.discord import Channel, Fault

MESSAGES = int(os.environ.get("CLARA_CHAOS_MESSAGES", "60"))
SEED = int(os.environ.get("CLARA_CHAOS_SEED", "0")) or random.randrange(1, 1_000_000)
CHANNELS, USERS = 5, 20
PAUSE_S = 0.15
"""Between two messages, on average."""

SETTLE_S = 60 + MESSAGES
AMBIGUOUS = ("POST", "PATCH")


async def say_everything(
    bot: Stage, channels: list[Channel], at: str, dice: random.Random, broken: Counter[str]
) -> list[tuple[Channel, int, int]]:
    """At least MESSAGES, and until both processes were killed: on a busy machine their starts take long."""
    people = [bot.fake.world.add_user(f"Person {n}") for n in range(USERS)]
    said = []
    for number in count():
        if number >= MESSAGES and broken["adapter"] and broken["worker"]:
            return said
        channel = dice.choice(channels)
        trigger = await bot.fake.say(channel, dice.choice(people), f"{at} message {number} of {MESSAGES}")
        said.append((channel, trigger, number))
        await asyncio.sleep(dice.uniform(0, 2 * PAUSE_S))
    raise AssertionError("counting does not end")


async def break_things(bot: Stage, dice: random.Random, until: asyncio.Event, done: Counter[str]) -> None:
    """One after the other, at random: the adapter, the worker, the gateway, single requests."""
    plan = ["adapter", "worker", "reset", "forgotten", "asked", "ambiguous", "adapter"]
    while not until.is_set():
        await asyncio.sleep(dice.uniform(1.0, 2.0))
        what = plan[done.total()] if done.total() < len(plan) else dice.choice(plan)
        done[what] += 1
        if what in ("adapter", "worker"):
            victim = bot.adapter if what == "adapter" else bot.worker
            await victim.kill()
            await asyncio.sleep(dice.uniform(0.1, 0.8))
            await victim.start()
            if what == "adapter":
                await bot.connected()
        elif what == "asked":
            await bot.fake.gateway.reconnect()
        elif what == "ambiguous":
            bot.fake.faults.append(Fault(dice.choice(AMBIGUOUS), "/messages", status=0, after=True))
        else:
            await bot.fake.gateway.drop(abort=True, forget=what == "forgotten")


@pytest.mark.timeout(SETTLE_S * 2 + 120)
async def test_every_message_is_answered_once_and_in_order(bot: Stage, at: str) -> None:
    dice = random.Random(SEED)
    channels = [await bot.fake.channel(f"chaos-{n}") for n in range(CHANNELS)]
    over = asyncio.Event()
    broken: Counter[str] = Counter()
    breaking = asyncio.create_task(break_things(bot, dice, over, broken))
    said = await say_everything(bot, channels, at, random.Random(SEED + 1), broken)
    over.set()
    await breaking
    deadline = time.monotonic() + SETTLE_S
    while any(not bot.replies(c, t, final=True) for c, t, _ in said) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    bot.fake.faults.clear()
    lost = [number for channel, trigger, number in said if not bot.replies(channel, trigger, final=True)]
    twice = [number for channel, trigger, number in said if len(bot.replies(channel, trigger)) > 1]
    assert (lost, twice) == ([], []), f"seed {SEED}, broken: {dict(broken)}\n{bot.adapter.log.read_text()[-4000:]}"
    for channel in channels:
        hers = [(m["message_reference"]["message_id"], m["content"]) for m in bot.fake.from_clara(channel)]
        mine = [(str(trigger), f"{ANSWER} {number}") for place, trigger, number in said if place is channel]
        wrong = [(got, wanted) for got, wanted in zip(hers, mine, strict=True) if got != wanted]
        assert wrong == [], f"seed {SEED}"
    assert bot.fake.violations == []
    assert bot.fake.limits.exceeded == []
    assert broken["adapter"] >= 1
    assert broken["worker"] >= 1


PERMITTED_MESSAGES = MESSAGES // 2


@pytest.mark.timeout(SETTLE_S * 2 + 120)
async def test_permissions_come_and_go_and_each_message_is_answered_once(bot: Stage, at: str) -> None:
    dice = random.Random(SEED)
    channels = [await bot.fake.channel(f"permitted-{n}") for n in range(3)]
    alice = bot.fake.world.add_user("Alice")
    said = []
    for number in range(PERMITTED_MESSAGES):
        channel = dice.choice(channels)
        said.append((channel, await bot.fake.say(channel, alice, f"{at} message {number} of {PERMITTED_MESSAGES}")))
        await asyncio.sleep(dice.uniform(0, 2 * PAUSE_S))
        other = dice.choice(channels)
        if other.forbids:
            await bot.fake.permit(other)
        elif dice.random() < 0.4:
            other.forbids |= dice.choice(({"send"}, {"send", "edit"}, {"send", "edit", "history", "typing", "react"}))
        if number % 12 == 7:
            await bot.adapter.kill()
            await bot.adapter.start()
            await bot.connected()
    for channel in channels:
        await bot.fake.permit(channel)
    deadline = time.monotonic() + SETTLE_S
    while any(not bot.replies(c, t, final=True) for c, t in said) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    lost = [trigger for channel, trigger in said if not bot.replies(channel, trigger, final=True)]
    twice = [trigger for channel, trigger in said if len(bot.replies(channel, trigger)) > 1]
    assert (lost, twice) == ([], []), f"seed {SEED}\n{bot.adapter.log.read_text()[-4000:]}"
