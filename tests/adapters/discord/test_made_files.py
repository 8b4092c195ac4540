"""Files that tools have made come with the answer, once, and what cannot come is named."""

import json
import re
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.discord.outbound import parcels
from adapters.discord.process import DiscordAdapter
from store.database import Pool
from store.downloads import MadeFile
from store.files import blobs
from store.turns import steps, turns
from store.turns.steps import KeptFile, ToolResult
from tests.adapters.discord.harness import Stage, eventually
from tests.adapters.discord.inside import Inside, incoming, inside
from tests.loopback.discord import Channel, Fault, User
from tests.loopback.discord.world import Json

MIB = 2**20


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


@pytest.fixture
def channel(here: Inside) -> Channel:
    return here.fake.world.add_channel()


@pytest.fixture
def alice(here: Inside) -> User:
    return here.fake.world.add_user("Alice")


async def answered(here: Inside, channel: Channel, who: User, reply: str, files: Sequence[tuple[str, bytes]]) -> str:
    """A turn that has ended, one of whose tools has made files; returns its id."""
    message = incoming(channel, await here.fake.say(channel, who, "hello"), who)
    await turns.begin(here.pool, message)
    kept = [
        KeptFile(
            blob_id=await blobs.save(here.pool, message.user.id, name, "text/plain", data),
            name=name,
            media_type="text/plain",
            size=len(data),
        )
        for name, data in files
    ]
    async with here.pool.connection() as connection:
        result = ToolResult(message.turn_id, 0, "c1", "plot", "made", False, False, 4, None, files=tuple(kept))
        await steps.save_result(connection, result)
        await turns.complete(connection, message.turn_id, message.conversation.id, reply)
    return message.turn_id


def attached(here: Inside, channel: Channel) -> list[list[str]]:
    """The names of the files on each of her messages."""
    return [[file["filename"] for file in message["attachments"]] for message in here.fake.from_clara(channel)]


def written(here: Inside, channel: Channel) -> list[str]:
    return [message["content"] for message in here.fake.from_clara(channel)]


async def sent_again(here: Inside, bot: DiscordAdapter, turn_id: str, records: bool) -> None:
    """As if the process had died before it could say that the turn is shown, or that its messages were sent."""
    async with here.pool.connection() as connection:
        await connection.execute("update turns set shown_at = null where id = %s", (turn_id,))
        if not records:
            await connection.execute("update discord_sent set message_id = null where turn_id = %s", (turn_id,))
    await bot.deliverer.send(turn_id)


async def test_a_file_comes_with_the_answer(here: Inside, channel: Channel, alice: User) -> None:
    turn_id = await answered(here, channel, alice, "The chart:", [("chart.png", b"\x89PNG\r\n\x1a\nx")])
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    assert written(here, channel) == ["The chart:"]
    assert attached(here, channel) == [["chart.png"]]
    assert here.fake.from_clara(channel)[0]["attachments"][0]["_data"].startswith(b"\x89PNG")


@pytest.mark.parametrize("records", [True, False])
async def test_after_a_crash_nothing_comes_twice(here: Inside, channel: Channel, alice: User, records: bool) -> None:
    files = [(f"{number}.txt", b"words") for number in range(23)]
    turn_id = await answered(here, channel, alice, "All of them:", files)
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    async with here.running() as bot:
        await sent_again(here, bot, turn_id, records)
    assert [len(names) for names in attached(here, channel)] == [10, 10, 3]
    assert sorted(name for names in attached(here, channel) for name in names) == sorted(name for name, _ in files)
    assert written(here, channel)[0] == "All of them:"
    assert written(here, channel)[1].startswith("-# Files 11 to 20 of 23: ")


async def test_past_the_nonces_time_messages_with_files_are_found(here: Inside, channel: Channel, alice: User) -> None:
    files = [(f"{number}.txt", b"words") for number in range(12)]
    turn_id = await answered(here, channel, alice, "Twelve.", files)
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
        here.fake.rest.nonce_window = 0
        async with here.pool.connection() as connection:
            await connection.execute(
                "update discord_sent set claimed_at = now() - interval '10 minutes' where turn_id = %s", (turn_id,)
            )
        await sent_again(here, bot, turn_id, records=False)
    assert [len(names) for names in attached(here, channel)] == [10, 2]


async def test_a_connection_that_is_cut_in_an_upload_sends_it_once(here: Inside, channel: Channel, alice: User) -> None:
    turn_id = await answered(here, channel, alice, "Here.", [("a.txt", b"a")])
    here.fake.faults.append(Fault("POST", "/messages$", after=True))
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    assert attached(here, channel) == [["a.txt"]]


async def test_what_is_too_large_is_named_and_the_rest_comes(here: Inside, channel: Channel, alice: User) -> None:
    files = [("film.mp4", bytes(11 * MIB)), ("a.txt", bytes(6 * MIB)), ("b.txt", bytes(6 * MIB))]
    turn_id = await answered(here, channel, alice, "Done.", files)
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    assert attached(here, channel) == [["a.txt"], ["b.txt"]]
    assert "Too large for Discord, so kept with me: `film.mp4 (11.0 MiB)`" in written(here, channel)[0]


async def test_where_attaching_is_forbidden_it_is_said(here: Inside, channel: Channel, alice: User) -> None:
    channel.forbids.add("attach")
    turn_id = await answered(here, channel, alice, "The chart:", [("chart.png", b"x")])
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    [message] = written(here, channel)
    assert message.startswith("The chart:\n\n-# I may not attach files here")
    assert "chart.png" in message


async def test_a_long_answer_without_the_right_to_attach_is_written_out(
    here: Inside, channel: Channel, alice: User
) -> None:
    channel.forbids.add("attach")
    text = "\n\n".join(f"Paragraph {number} of a long answer. " * 10 for number in range(40))
    turn_id = await answered(here, channel, alice, text, [("chart.png", b"x")])
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    whole = "\n".join(written(here, channel))
    assert all(f"Paragraph {number} of" in whole for number in range(40))
    assert "chart.png" in written(here, channel)[-1]
    assert attached(here, channel) == [[] for _ in attached(here, channel)]


async def test_a_long_answer_and_files_are_attached_together(here: Inside, channel: Channel, alice: User) -> None:
    turn_id = await answered(here, channel, alice, "many words " * 2000, [("chart.png", b"x")])
    async with here.running() as bot:
        await bot.deliverer.send(turn_id)
    assert attached(here, channel) == [["answer.md", "chart.png"]]


def made(name: str, size: int) -> MadeFile:
    return MadeFile("b", "discord:1", name, "text/plain", size, None, None)


def test_every_file_is_in_one_message_and_no_message_takes_too_much() -> None:
    files = [made(f"{number}.bin", number * 400_000) for number in range(25)]
    packed = parcels.pack("words", files)
    assert [file.name for parcel in packed for file in parcel.files] == [file.name for file in files]
    assert all(sum(file.size for file in parcel.files) <= parcels.FILE_LIMIT for parcel in packed)
    assert all(len(parcel.files) <= 10 for parcel in packed)
    assert len({parcel.content for parcel in packed}) == len(packed)


def test_names_leave_their_place_in_no_message() -> None:
    [parcel] = parcels.pack("words", [made("`@everyone` **x**", 11 * MIB)])
    assert re.search(r"`'@everyone' \*\*x\*\* \(11.0 MiB\)`$", parcel.content)
    refused = parcels.refused(parcels.Parcel("x" * 1990, [made("a.txt", 1)]))
    assert len(refused) == 2


@pytest.mark.parametrize("arrives", [True, False])
async def test_an_adapter_that_is_killed_in_an_upload_sends_each_file_once(
    bot: Stage, alice: User, at: str, arrives: bool
) -> None:
    """Real processes, from the tool in the worker to the attachment."""
    place = await bot.fake.channel()
    names = [f"{number}.txt" for number in range(12)]
    upload = Fault("PATCH", f"channels/{place.id}/messages/", after=arrives, delay=1.0)
    first = Fault("POST", f"channels/{place.id}/messages", after=arrives, delay=1.0, times=2)
    bot.fake.faults += [upload, first]
    trigger = await bot.fake.say(place, alice, f"{at} use draw {json.dumps({'names': names})}")
    await eventually(lambda: first.met or upload.met, "nothing is sent", bot.adapter.log)
    await bot.adapter.kill()
    bot.fake.faults.clear()
    await bot.adapter.start()
    await bot.answer(place, trigger)
    await eventually(lambda: len(sum_of(bot.fake.from_clara(place))) >= 12, "not all files", bot.adapter.log)
    assert sorted(sum_of(bot.fake.from_clara(place))) == sorted(names)


def sum_of(messages: Sequence[Json]) -> list[str]:
    return [file["filename"] for message in messages for file in message["attachments"]]
