"""What was said around a message, as the model reads it: other people's words, and no requests to her."""

import pytest

from store.database import Pool
from tests.adapters.discord.inside import inside, until


@pytest.mark.parametrize("mode", ["mention", "active"])
async def test_requests_that_wait_are_not_quoted_into_each_other_after_a_restart(pool: Pool, mode: str) -> None:
    async with inside(pool) as here:
        fake, channel = here.fake, here.fake.world.add_channel()
        alice, bob = fake.world.add_user("Alice"), fake.world.add_user("Bob")
        chatter = "lovely weather"
        async with here.running() as bot:
            if mode == "mention":
                await fake.say(channel, bob, chatter)
            else:
                await bot.modes.set(channel.id, fake.world.guild_id, "active")
            address = here.at if mode == "mention" else ""
            for words in ("the first request", "the second request"):
                await fake.say(channel, alice, f"{address} {words}")
            await until(lambda: len(here.door.said_in(channel)) == 2)
        missed = await fake.say(channel, alice, f"{address} the third request")
        async with here.running():
            await fake.say(channel, alice, f"{address} the fourth request")
            await until(lambda: len(here.door.said_in(channel)) == 4)
        assert here.door.said_in(channel)[2].id == str(missed)
        for message in here.door.said_in(channel):
            quoted = [quote.text for quote in message.quoted]
            assert quoted == ([chatter] if mode == "mention" else [])
