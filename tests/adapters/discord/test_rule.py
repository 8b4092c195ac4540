"""One rule for the phrase, the button and the commands: whose answer it is, and those who moderate the channel."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from store.database import Pool
from tests.adapters.discord.inside import Inside, inside, until
from tests.loopback.discord import Channel, User

MANAGE_MESSAGES = 1 << 13


@dataclass
class Scene:
    """Alice's message is being answered in a channel of a server."""

    here: Inside
    channel: Channel
    alice: User
    mallory: User
    moderator: User
    asked: int

    @property
    def stopped(self) -> list[str | None]:
        return [wish.message_id for wish in self.here.door.stopped_in(self.channel)]


@pytest.fixture
async def scene(pool: Pool) -> AsyncIterator[Scene]:
    async with inside(pool) as here:
        world = here.fake.world
        role = world.add_role("moderators", MANAGE_MESSAGES)
        people = [world.add_user("A*lice*"), world.add_user("Mallory"), world.add_user("Mod", roles=[role])]
        channel = world.add_channel()
        async with here.running():
            asked = await here.fake.say(channel, people[0], f"{here.at} hello")
            await until(lambda: here.door.said_in(channel))
            await here.door.answering(channel, asked, people[0])
            yield Scene(here, channel, *people, asked)


async def test_the_phrase_of_another_stops_nothing_and_is_answered_once(scene: Scene) -> None:
    fake, at = scene.here.fake, scene.here.at
    for _ in range(3):
        last = await fake.say(scene.channel, scene.mallory, f"{at} stop")
    await until(lambda: fake.from_clara(scene.channel))
    after = await fake.say(scene.channel, scene.alice, f"{at} and then?")
    await until(lambda: str(after) in [m.id for m in scene.here.door.said_in(scene.channel)])
    (told,) = fake.from_clara(scene.channel)
    assert "those who moderate this channel" in told["content"]
    assert scene.stopped == []
    assert "_reactions" not in scene.channel.messages[last]


async def test_the_phrase_of_those_who_may(scene: Scene) -> None:
    fake, at = scene.here.fake, scene.here.at
    await fake.say(scene.channel, scene.alice, f"{at} stop")
    await until(lambda: scene.stopped == [str(scene.asked)])
    await fake.say(scene.channel, scene.moderator, f"{at} stop")
    await until(lambda: len(scene.stopped) == 2)


async def test_the_command(scene: Scene) -> None:
    refused = await scene.here.fake.command(scene.channel, scene.mallory, "stop")
    assert r"Only A\*lice\* and those who moderate" in await refused.answer()
    assert refused.ephemeral
    assert scene.stopped == []
    for person in (scene.alice, scene.moderator):
        assert "stopping" in await (await scene.here.fake.command(scene.channel, person, "stop")).answer()
    assert len(scene.stopped) == 2


async def test_a_message_that_has_not_begun_is_its_authors_too(scene: Scene) -> None:
    fake, other = scene.here.fake, scene.here.fake.world.add_channel()
    await fake.gateway.dispatch("CHANNEL_CREATE", other.json(fake.world.guild_id))
    asked = await fake.say(other, scene.alice, f"{scene.here.at} hello")
    await until(lambda: scene.here.door.said_in(other))
    scene.here.door.running[str(other.id)] = f"turn/discord/{other.id}/{asked}"
    assert "Only" in await (await fake.command(other, scene.mallory, "stop")).answer()
    assert "stopping" in await (await fake.command(other, scene.alice, "stop")).answer()


@pytest.mark.parametrize(("name", "options"), [("new", {}), ("model", {"tier": "low"}), ("project", {"name": "x"})])
async def test_what_concerns_everybody_is_for_those_who_moderate(
    scene: Scene, name: str, options: dict[str, str]
) -> None:
    fake = scene.here.fake
    refused = await fake.command(scene.channel, scene.alice, name, **options)
    assert "This concerns everybody here" in await refused.answer()
    assert refused.ephemeral
    done = await fake.command(scene.channel, scene.moderator, name, **options)
    assert "concerns" not in await done.answer()
    direct = fake.direct(scene.alice)
    assert "concerns" not in await (await fake.command(direct, scene.alice, name, **options)).answer()
    thread = await fake.thread(scene.channel, owner=scene.alice)
    assert "concerns" not in await (await fake.command(thread, scene.alice, name, **options)).answer()


async def test_everybody_may_look(scene: Scene) -> None:
    shown = await scene.here.fake.command(scene.channel, scene.mallory, "model")
    assert "Here I answer with" in await shown.answer()
