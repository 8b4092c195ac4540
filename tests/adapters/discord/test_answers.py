"""When she answers, what she heard, and how her answers look."""

from adapters.commands.registry import COMMANDS
from tests.adapters.discord.harness import Stage, eventually
from tests.loopback.discord import Channel, FakeDiscord, User


async def test_a_mention_is_answered_once(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    trigger = await bot.fake.say(channel, alice, f"{at} good morning")
    answer = await bot.answer(channel, trigger)
    assert "good morning" in answer["content"]
    assert at not in answer["content"]
    assert answer["components"] == []
    assert len(bot.fake.from_clara(channel)) == 1


async def test_private_messages_are_answered_and_others_only_as_the_mode_says(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    direct = bot.fake.direct(alice)
    ignored = await bot.fake.say(channel, alice, "just talking")
    asked = await bot.fake.say(direct, alice, "hello there")
    assert "hello there" in (await bot.answer(direct, asked))["content"]
    reply = await bot.fake.say(channel, alice, f"{at} hi")
    hers = await bot.answer(channel, reply)
    again = await bot.fake.say(channel, alice, "and now?", reply_to=hers["id"])
    assert "and now?" in (await bot.answer(channel, again))["content"]
    assert bot.replies(channel, ignored) == []


async def test_bots_are_never_answered(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    robot = bot.fake.world.add_user("Robot", bot=True)
    theirs = await bot.fake.say(channel, robot, f"{at} talk to me")
    hers = await bot.fake.say(channel, alice, f"{at} hello")
    await bot.answer(channel, hers)
    assert bot.replies(channel, theirs) == []


async def test_modes_are_set_by_those_who_may_and_hold_at_once(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    fake = bot.fake
    refused = await fake.command(channel, alice, "mode", mode="active")
    assert "permission" in await refused.answer()
    assert refused.ephemeral
    boss = fake.world.add_user("Boss", roles=[fake.world.add_role("Clara-Admin")])
    await fake.gateway.dispatch(
        "GUILD_ROLE_CREATE", {"guild_id": str(fake.world.guild_id), "role": fake.world.roles[boss.roles[0]]}
    )
    done = await fake.command(channel, boss, "mode", mode="active")
    assert "every message" in await done.answer()
    assert not done.ephemeral
    plain = await fake.say(channel, alice, "no mention here")
    await bot.answer(channel, plain)
    await (await fake.command(channel, boss, "mode", mode="off")).answer()
    silent = await fake.say(channel, alice, f"{at} even so?")
    direct = fake.direct(alice)
    await bot.answer(direct, await fake.say(direct, alice, "are you there?"))
    assert bot.replies(channel, silent) == []


async def test_a_thread_inherits_the_mode_and_is_a_conversation_of_its_own(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    boss = bot.fake.world.add_user("Boss", roles=[bot.fake.world.add_role("chief", 8)])
    await bot.fake.gateway.dispatch(
        "GUILD_ROLE_CREATE", {"guild_id": str(bot.fake.world.guild_id), "role": bot.fake.world.roles[boss.roles[0]]}
    )
    await (await bot.fake.command(channel, boss, "mode", mode="active")).answer()
    thread = await bot.fake.thread(channel)
    said = await bot.fake.say(thread, alice, "in the thread")
    assert "in the thread" in (await bot.answer(thread, said))["content"]


async def test_long_code_is_split_and_longer_answers_become_a_file(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    first = await bot.fake.say(channel, alice, f"{at} write 150 lines of code")
    await bot.answer(channel, first)
    await eventually(lambda: bot.fake.from_clara(channel)[-1]["content"].endswith("There."), "not all", bot.adapter.log)
    parts = [message["content"] for message in bot.fake.from_clara(channel)]
    assert len(parts) == 2
    assert all(part.count("```") == 2 for part in parts)
    other = await bot.fake.channel()
    second = await bot.fake.say(other, alice, f"{at} write 900 lines of code")
    answer = await bot.answer(other, second)
    assert answer["attachments"][0]["filename"] == "answer.md"
    assert b"value_899 = 899" in answer["attachments"][0]["_data"]
    assert len(bot.fake.from_clara(other)) == 1


async def test_an_answer_streams_into_its_placeholder(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    trigger = await bot.fake.say(channel, alice, f"{at} write 60 words every 80 ms")
    await eventually(lambda: bot.replies(channel, trigger), "no placeholder", bot.adapter.log)
    placeholder = bot.replies(channel, trigger)[0]
    assert placeholder["components"][0]["components"][0]["label"] == "Stop"
    await bot.answer(channel, trigger)
    shown = [content for _, content in placeholder["_edits"]]
    assert len(shown) >= 3, "it grew"
    assert [len(s) for s in shown] == sorted(len(s) for s in shown)
    assert placeholder["content"].endswith("word59")
    assert bot.fake.from_clara(channel) == [placeholder], "nothing but the answer stays"


async def test_commands_answer_the_person_alone(bot: Stage, channel: Channel, alice: User) -> None:
    for name, expected in (
        ("help", "/clara mode"),
        ("status", "Nothing is running."),
        ("usage", "30 days: "),
        ("stop", "nothing to stop"),
    ):
        used = await bot.fake.command(channel, alice, name)
        assert expected in await used.answer()
        assert used.ephemeral


async def test_memory_is_shown_and_changed_by_its_person_alone(bot: Stage, channel: Channel, alice: User) -> None:
    added = await bot.fake.command(channel, alice, "memory", action="add", text="I play the cello")
    assert "I play the cello" in await added.answer()
    listed = await bot.fake.command(channel, alice, "memory", action="list")
    assert "I play the cello" in await listed.answer()
    assert listed.ephemeral
    refused = await bot.fake.command(channel, alice, "memory", action="forget-me")
    assert "confirm" in await refused.answer()


async def test_the_tier_of_a_conversation_is_shown_and_set(bot: Stage, channel: Channel, alice: User) -> None:
    assert "by default" in await (await bot.fake.command(channel, alice, "model")).answer()
    direct = bot.fake.direct(alice)
    assert "tier low" in await (await bot.fake.command(direct, alice, "model", tier="low")).answer()
    assert "fresh" in await (await bot.fake.command(direct, alice, "new")).answer()


async def test_commands_are_registered_once(
    bot: Stage, fake: FakeDiscord, channel: Channel, alice: User, at: str
) -> None:
    await bot.answer(channel, await bot.fake.say(channel, alice, f"{at} hello"))  # she is up by then
    assert fake.rest.registrations == 1
    assert [option["name"] for option in fake.rest.commands[0]["options"]] == [c.name for c in COMMANDS]


async def test_typing_is_shown_while_the_model_thinks(bot: Stage, channel: Channel, alice: User, at: str) -> None:
    trigger = await bot.fake.say(channel, alice, f"{at} write 10 words every 100 ms")
    await bot.answer(channel, trigger)
    assert bot.fake.requests.count(("POST", f"channels/{channel.id}/typing")) == 1


async def test_a_tier_prefix_counts_after_the_mention_and_is_not_read(
    bot: Stage, channel: Channel, alice: User, at: str
) -> None:
    answer = await bot.answer(channel, await bot.fake.say(channel, alice, f"{at} !low what time is it"))
    assert "what time is it" in answer["content"]
    assert "!low" not in answer["content"]


async def test_what_was_said_before_she_came_is_not_answered(bot: Stage, alice: User, at: str) -> None:
    now = await bot.fake.say(bot.old, alice, f"{at} here you are")
    await bot.answer(bot.old, now)
    assert len(bot.fake.from_clara(bot.old)) == 1
