"""What strangers may send to do harm: each costs them something, and nobody else."""

import re
from collections.abc import AsyncIterator

import psycopg
import pytest

from store.database import Pool
from store.files import blobs
from tests.adapters.discord.inside import Inside, inside, until

LINK = re.compile(r"(?<!\\)\[free\]\(")


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


async def test_names_that_no_database_takes(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    mallory = fake.world.add_user("Mal\ud800lory\0")
    file = {**fake.attach("a.txt", b"hello", "text/plain"), "filename": "\udcffe\0vil.txt"}
    gone = {**fake.attach("b.txt", b"", "text/plain", status=404), "filename": "\ud800gone\0.txt"}
    async with here.running():
        await fake.say(channel, mallory, f"{here.at} look \ud83d", attachments=[file, gone])
        await until(lambda: here.door.said_in(channel))
    (message,) = here.door.said_in(channel)
    assert [file.name for file in message.attachments] == ["\ufffdevil.txt"]
    assert "gone.txt" in message.text
    assert message.model_dump_json().encode()


async def test_a_full_disk_costs_the_file_and_not_the_message(here: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> str:
        raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    monkeypatch.setattr(blobs, "save", full)
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running():
        file = fake.attach("a.txt", b"hello", "text/plain")
        await fake.say(channel, fake.world.add_user("Alice"), f"{here.at} look", attachments=[file])
        await until(lambda: here.door.said_in(channel))
    assert "'a.txt' came with this message, but there is no space left" in here.door.said_in(channel)[0].text


async def test_names_cannot_speak_for_clara_or_ping_anybody(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    mallory, bob = fake.world.add_user("@everyone [free](https://evil.example)"), fake.world.add_user("Bob")
    async with here.running():
        asked = await fake.say(channel, mallory, f"{here.at} hello")
        await until(lambda: here.door.said_in(channel))
        await here.door.answering(channel, asked, mallory)
        words = await (await fake.command(channel, bob, "stop")).answer()
        assert not LINK.search(words)
        assert not LINK.search(await (await fake.command(channel, bob, "status")).answer())
        await fake.say(channel, bob, f"{here.at} stop")
        await until(lambda: fake.from_clara(channel))
    assert not LINK.search(fake.from_clara(channel)[0]["content"])


async def test_a_flood_of_stops_is_survived_and_told_once(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    alice, mallory = fake.world.add_user("Alice"), fake.world.add_user("Mallory")
    async with here.running():
        asked = await fake.say(channel, alice, f"{here.at} hello")
        await until(lambda: here.door.said_in(channel))
        await here.door.answering(channel, asked, alice)
        slow = fake.attach("slow.txt", b"x" * 20, "text/plain", pause_s=0.2)
        await fake.say(channel, mallory, f"{here.at} and this", attachments=[slow])
        await until(lambda: fake.fetched(slow))
        for _ in range(300):
            await fake.say(channel, mallory, f"{here.at} stop")
        fake.let_go(slow)
        last = await fake.say(channel, alice, f"{here.at} still there?")
        await until(lambda: str(last) in [message.id for message in here.door.said_in(channel)])
    assert here.door.stops == []
    assert len(fake.from_clara(channel)) == 1


async def test_mentions_by_the_dozen_are_read_at_once(here: Inside) -> None:
    fake, channel = here.fake, here.fake.world.add_channel()
    async with here.running():
        await fake.say(channel, fake.world.add_user("Mallory"), f"x {f'{here.at}   ' * 60}y")
        await until(lambda: here.door.said_in(channel))
        await fake.say(channel, fake.world.add_user("Alice"), f"{here.at}, {here.at}: hi {here.at} , {here.at} ")
        await until(lambda: len(here.door.said_in(channel)) == 2)
    assert here.door.said_in(channel)[1].text == "hi"
