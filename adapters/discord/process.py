"""The adapter's process: everything put together, started in order and ended in order."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import psycopg
from temporalio.worker import Worker

from adapters.discord import commands
from adapters.discord.attachments import Attachments
from adapters.discord.commands import Commands
from adapters.discord.connection import Connection
from adapters.discord.delivery import Deliverer
from adapters.discord.hearing import Hearing
from adapters.discord.intake import Intake
from adapters.discord.interactions import Interactions
from adapters.discord.lanes import Lanes
from adapters.discord.live import Live
from adapters.discord.modes import Modes
from adapters.discord.outbox import Outbox
from adapters.discord.pace import Pace
from adapters.discord.permissions import Permissions
from adapters.discord.rest import PASSING, Rest
from adapters.discord.stops import Stops
from adapters.discord.undelivered import Undelivered
from adapters.door import Door, open_door
from clara.errors import Misconfigured
from clara.settings import Settings
from store import discord as store
from temporal import queues
from temporal.interceptor import Surroundings

log = logging.getLogger(__name__)

SWEEP_S = 300
"""A channel that has news which nobody dealt with is found at the latest after this."""

STORE_PAUSE_S = 2
CONCURRENT_DELIVERIES = 30
HEARTBEAT_THROTTLE = timedelta(milliseconds=200)
GRACE = timedelta(seconds=5)


class Bot:
    """Everything that needs to know who the bot is; made after it has signed in."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        client: Connection,
        http: aiohttp.ClientSession,
        known: list[store.Channel],
        marks: dict[int, int],
    ) -> None:
        assert client.user is not None
        pace = Pace()
        rest = Rest(client, pace)
        self.outbox = Outbox(door.pool, rest, client.user.id)
        self.live = Live(rest, self.outbox, pace)
        self.undelivered = Undelivered(door.pool)
        self.deliverer = Deliverer(door.pool, self.outbox, self.live, self.undelivered)
        self.modes = Modes(door.pool, known)
        permissions = Permissions(settings.discord, client)
        attachments = Attachments(settings.discord, door.pool, http)
        hearing = Hearing(settings.discord, client, door.pool, permissions, self.modes, attachments)
        stops = Stops(door, rest)
        self._intake = Intake(door, hearing, permissions, self.live, rest, stops)
        self.lanes = Lanes(client, door.pool, known, marks, self._intake.take)
        self._interactions = Interactions(door, permissions, stops, Commands(settings, door, self.modes, stops))
        self._client = client
        self._door = door
        self._rest = rest

    def message(self, message: discord.Message) -> None:
        self._intake.hear(message)
        self.lanes.hear(message)

    def gap(self) -> None:
        self.lanes.gap()

    async def catch_up(self) -> None:
        self.permissions_changed()  # nobody tells what was changed in between
        while True:
            try:
                await self.lanes.catch_up()
                break
            except psycopg.OperationalError as error:
                log.warning("what was missed is not known yet: %s", type(error).__name__)
                await asyncio.sleep(STORE_PAUSE_S)
        await self._register()

    def permissions_changed(self) -> None:
        self.undelivered.permissions_changed()

    async def close(self) -> None:
        """Take in nothing more."""
        self._intake.close()
        await self.lanes.close()

    async def interaction(self, interaction: discord.Interaction) -> None:
        await self._interactions.handle(interaction)

    async def sweep(self) -> None:
        """For ever: look for what was missed, and tidy up."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.lanes.catch_up()
                await store.prune(self._door.pool)
            except Exception as error:
                log.warning("the sweep did not end: %s", type(error).__name__)

    async def _register(self) -> None:
        """Tell Discord the slash commands, if they are others than it was told last."""
        application = self._client.application_id
        assert application is not None
        payload = commands.payload()
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        try:
            if await store.registered(self._door.pool, application) != digest:
                await self._rest.register(application, payload)
                await store.set_registered(self._door.pool, application, digest)
        except (discord.HTTPException, *PASSING) as error:
            log.warning("the slash commands were not registered: %s", type(error).__name__)


async def run(settings: Settings, ended: asyncio.Event) -> None:
    """Serve Discord until ``ended`` is set. Misconfigured where no restart can help."""
    token = settings.discord.token
    if token is None:
        raise Misconfigured("DISCORD_BOT_TOKEN: must be the bot's token; see docs/discord.md for how to get one")
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(settings))
        client = Connection(settings.discord)
        stack.push_async_callback(client.close)
        if not await _unless(ended, client.sign_in(token.get_secret_value())):
            return
        known, marks = await store.channels(door.pool), await store.marks(door.pool)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        bot = Bot(settings, door, client, http, known, marks)
        stack.callback(bot.live.close)
        # Deliveries need REST only: they go on while the gateway is away, and end after it.
        await stack.enter_async_context(_worker(door, bot))
        client.events = bot
        stack.push_async_callback(bot.close)
        stack.push_async_callback(client.hang_up)
        database_url = settings.runtime.database_url
        assert database_url is not None
        resend = bot.undelivered.run(bot.deliverer.reply)
        if await _unless(ended, client.stay_connected(), bot.live.run(database_url), bot.sweep(), resend):
            raise RuntimeError("the connection to Discord ended by itself")
        log.info("ending")


async def _unless(ended: asyncio.Event, *work: Coroutine[Any, Any, None]) -> bool:
    """Run ``work`` until one of it is done, or until ``ended``: False then. What is left is cancelled."""
    waiting: asyncio.Task[Any] = asyncio.create_task(ended.wait())
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(part) for part in work]
    try:
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done:
                task.result()
        return waiting not in done
    finally:
        for task in [waiting, *tasks]:
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)


@asynccontextmanager
async def _worker(door: Door, bot: Bot) -> AsyncIterator[None]:
    worker = Worker(
        door.client,
        task_queue=queues.delivery("discord"),
        activities=[bot.deliverer.deliver],
        interceptors=[Surroundings()],
        max_concurrent_activities=CONCURRENT_DELIVERIES,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=GRACE,
    )
    async with worker:
        yield
