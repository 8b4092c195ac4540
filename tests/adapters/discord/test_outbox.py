"""The messages of a turn are sent once, also by another process, also when Discord has forgotten the nonce."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import discord
import pytest

from adapters.discord.address import Address
from adapters.discord.api.client import DiscordClient
from adapters.discord.api.rate_limits import RateLimits
from adapters.discord.api.rest import Rest, Upload
from adapters.discord.outbound.outbox import Outbox
from adapters.door import Door
from clara.messages import ConversationKey, Incoming, Person
from clara.settings.discord import DiscordSettings
from store.database import Pool
from store.turns import turns
from tests.loopback.discord import Channel, FakeDiscord, Fault


@dataclass
class Desk:
    fake: FakeDiscord
    client: DiscordClient
    pool: Pool
    channel: Channel
    to: Address

    def outbox(self) -> Outbox:
        """As a process has it that was started long ago."""
        limits = RateLimits()
        limits._born = time.monotonic() - 60
        return Outbox(Door(None, self.pool), Rest(self.client, limits), self.fake.world.clara.id)  # type: ignore[arg-type]

    @property
    def written(self) -> list[str]:
        return [message["content"] for message in self.fake.from_clara(self.channel)]


@pytest.fixture
async def desk(pool: Pool) -> AsyncIterator[Desk]:
    async with FakeDiscord() as fake:
        client = DiscordClient(DiscordSettings.model_validate({"DISCORD_API_BASE": fake.url}))
        await client.sign_in(fake.token)
        channel = fake.world.add_channel()
        alice = fake.world.add_user("Alice")
        message = Incoming(
            id=str(await fake.say(channel, alice, "hello")),
            conversation=ConversationKey(platform="discord", channel=str(channel.id)),
            user=Person(id=f"discord:{alice.id}", name="Alice"),
            text="hello",
            sent_at=datetime.now(UTC),
        )
        await turns.begin(pool, message)
        yield Desk(fake, client, pool, channel, Address.of(message.turn_id))
        await client.close()
        assert fake.violations == []


async def unrecorded(desk: Desk, part: int, content: str, seconds_ago: int) -> None:
    """A message that was sent by a process which died before it could say so."""
    await desk.outbox().put(desk.to, part, content)
    async with desk.pool.connection() as connection:
        await connection.execute(
            "update discord_sent set message_id = null, claimed_at = now() - make_interval(secs => %s)"
            " where turn_id = %s",
            (seconds_ago, desk.to.id),
        )


@pytest.mark.parametrize("part", [0, 1])
async def test_after_a_crash_the_nonce_finds_the_message(desk: Desk, part: int) -> None:
    await unrecorded(desk, part, "first words", seconds_ago=2)
    await desk.outbox().put(desk.to, part, "all the words")
    assert desk.written == ["all the words"]


async def test_past_the_nonces_time_the_first_part_is_found_by_what_it_answers(desk: Desk) -> None:
    desk.fake.rest.nonce_window = 0
    await unrecorded(desk, 0, "first words", seconds_ago=600)
    await desk.outbox().put(desk.to, 0, "all the words")
    assert desk.written == ["all the words"]


async def test_past_the_nonces_time_other_parts_are_found_by_their_words(desk: Desk) -> None:
    desk.fake.rest.nonce_window = 0
    await unrecorded(desk, 1, "the second part", seconds_ago=600)
    await desk.outbox().put(desk.to, 1, "the second part")
    assert desk.written == ["the second part"]


async def test_what_was_never_sent_is_sent_after_looking(desk: Desk) -> None:
    await unrecorded(desk, 0, "gone", seconds_ago=600)
    desk.channel.messages.pop(int(desk.fake.from_clara(desk.channel)[0]["id"]))
    desk.fake.rest.nonce_window = 0
    await desk.outbox().put(desk.to, 0, "here")
    assert desk.written == ["here"]


async def test_a_deleted_message_is_sent_again_under_another_nonce(desk: Desk) -> None:
    outbox = desk.outbox()
    first = await outbox.put(desk.to, 0, "first")
    del desk.channel.messages[first]
    second = await outbox.put(desk.to, 0, "again")
    assert second != first
    assert desk.written == ["again"]


async def test_nobody_is_pinged(desk: Desk) -> None:
    await desk.outbox().put(desk.to, 0, "@everyone <@1> hello")
    await desk.outbox().put(desk.to, 0, "@everyone <@1> hello again", uploads=[Upload("a.txt", b"x")])
    assert desk.written == ["@everyone <@1> hello again"]


async def test_what_discord_refuses_for_good_is_not_tried_again(desk: Desk) -> None:
    desk.channel.forbids.add("send")
    with pytest.raises(discord.Forbidden):
        await desk.outbox().put(desk.to, 0, "hello")
    assert sum(method == "POST" for method, _ in desk.fake.requests) == 1


async def test_a_cut_connection_is_survived(desk: Desk) -> None:
    desk.fake.faults += [Fault("POST", "/messages$", after=True), Fault("PATCH", "/messages/", after=True)]
    outbox = desk.outbox()
    await outbox.put(desk.to, 0, "one")
    await outbox.put(desk.to, 0, "two")
    assert desk.written == ["two"]
