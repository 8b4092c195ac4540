"""The adapter within the test's own process, with a stand-in for the conversations behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from adapters.discord.api.client import DiscordClient
from adapters.discord.process import DiscordAdapter
from adapters.door import Door
from clara.conversation import ConversationStatus, Stop
from clara.errors import InboxFull
from clara.messages import ConversationKey, Incoming
from clara.settings import Settings, load
from store import approvals
from store import discord as store
from store.approvals import Approval, Scope
from store.database import Pool
from store.turns import turns
from tests.loopback.discord import Channel, FakeDiscord, User
from tests.patience import PATIENCE_S


class StandIn(Door):
    """Conversations that do what the test says; survives restarts of the adapter as the real ones do."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(None, pool, memory=False)  # type: ignore[arg-type]
        self.said: list[Incoming] = []
        self.stops: list[tuple[str, Stop]] = []
        self.running: dict[str, str] = {}
        """By channel: the turn that is being answered."""
        self.full: set[str] = set()
        """Channels whose conversations take no more."""
        self.refused = 0

    async def say(self, message: Incoming) -> str:
        if message.conversation.channel in self.full:
            self.refused += 1
            raise InboxFull("So much waits here that I cannot take any more.")
        if message.id not in [other.id for other in self.said]:
            self.said.append(message)
        return message.turn_id

    async def stop(self, key: ConversationKey, wish: Stop) -> bool:
        self.stops.append((key.channel, wish))
        return True

    async def answer(self, ids: Sequence[str], allowed: bool, scope: Scope, by: str) -> list[Approval]:
        return await approvals.answer(self._pool, ids, allowed, scope, by)

    async def status(self, key: ConversationKey) -> ConversationStatus:
        return ConversationStatus(running=self.running.get(key.channel))

    def said_in(self, channel: Channel) -> list[Incoming]:
        return [message for message in self.said if message.conversation.channel == str(channel.id)]

    def stopped_in(self, channel: Channel) -> list[Stop]:
        return [wish for where, wish in self.stops if where == str(channel.id)]

    async def answering(self, channel: Channel, trigger: int, user: User) -> str:
        """Let a message of somebody's be the one that is being answered; returns the turn's id."""
        turn = await self.store(turns.begin, incoming(channel, trigger, user))
        self.running[str(channel.id)] = turn.id
        return turn.id


@dataclass
class Inside:
    fake: FakeDiscord
    door: StandIn
    pool: Pool
    settings: Settings
    bots: list[DiscordAdapter] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"<@{self.fake.world.clara.id}>"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[DiscordAdapter]:
        """One life of the adapter."""
        client = DiscordClient(self.settings.discord)
        await client.sign_in(self.fake.token)
        known, marks = await self.door.store(store.channels), await self.door.store(store.marks)
        async with aiohttp.ClientSession() as http:
            bot = DiscordAdapter(self.settings, self.door, client, http, known, marks)
            bot.previews._limits._born -= 60  # as if it had been started long ago
            client.events = bot
            work = [
                asyncio.create_task(client.stay_connected()),
                asyncio.create_task(bot.undelivered.run(bot.deliverer.send)),
            ]
            try:
                await until(client.is_ready)
                yield bot
            finally:
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)
                await client.hang_up()
                await bot.close()
                bot.previews.close()
                await client.close()


@asynccontextmanager
async def inside(pool: Pool, **settings: str) -> AsyncIterator[Inside]:
    async with FakeDiscord() as fake:
        values = {"DISCORD_BOT_TOKEN": fake.token, "DISCORD_API_BASE": fake.url, **settings}
        yield Inside(fake, StandIn(pool), pool, load(values))
        assert fake.violations == []


def incoming(channel: Channel, trigger: int, user: User, text: str = "hello", **more: Any) -> Incoming:
    return Incoming.model_validate(
        {
            "id": str(trigger),
            "conversation": {"platform": "discord", "channel": str(channel.id)},
            "user": {"id": f"discord:{user.id}", "name": user.name},
            "text": text,
            "sent_at": datetime.now(UTC),
            **more,
        }
    )


async def until(met: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.02)
