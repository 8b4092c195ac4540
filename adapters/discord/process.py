"""The adapter's process: everything put together, started in order and ended in order."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord

from adapters.discord.access.modes import Modes
from adapters.discord.access.permissions import Permissions
from adapters.discord.access.places import Places
from adapters.discord.access.stops import Stops
from adapters.discord.api.client import DiscordClient
from adapters.discord.api.rate_limits import RateLimits
from adapters.discord.api.rest import PASSING, Rest
from adapters.discord.chat.actions import ChatActions
from adapters.discord.inbound.attachments import Attachments
from adapters.discord.inbound.channel_queue import ChannelQueues
from adapters.discord.inbound.intake import Intake
from adapters.discord.inbound.translation import Translator
from adapters.discord.outbound.delivery import Deliverer
from adapters.discord.outbound.outbox import Outbox
from adapters.discord.outbound.previews import Previews
from adapters.discord.outbound.undelivered import Undelivered
from adapters.discord.slash import face
from adapters.discord.slash.choices import Choices
from adapters.discord.slash.face import Requests
from adapters.discord.slash.interactions import Interactions
from adapters.door import Door, open_door
from clara.errors import Misconfigured, Unreachable
from clara.settings import Settings
from store import chat
from store import discord as store
from temporal.processes.ending import end

log = logging.getLogger(__name__)

SWEEP_S = 300
"""A channel that has news which nobody dealt with is found at the latest after this."""

STORE_PAUSE_S = 2


class DiscordAdapter:
    """Everything that needs to know who the bot is; made after it has signed in."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        client: DiscordClient,
        http: aiohttp.ClientSession,
        known: list[store.Channel],
        marks: dict[int, int],
    ) -> None:
        assert client.user is not None
        limits = RateLimits()
        rest = Rest(client, limits)
        self.outbox = Outbox(door, rest, client.user.id)
        self.previews = Previews(rest, self.outbox, limits)
        self.undelivered = Undelivered(door)
        self.deliverer = Deliverer(door, self.outbox, self.previews, self.undelivered)
        self.modes = Modes(door, known)
        permissions = Permissions(settings.discord, client)
        self.actions = ChatActions(door, rest, self.outbox, Places(client, permissions), client.user.id)
        attachments = Attachments(settings.discord, door, http)
        translator = Translator(settings.discord, client, door, permissions, self.modes, attachments)
        stops = Stops(door, rest)
        self._intake = Intake(door, translator, permissions, self.previews, rest, stops)
        self.queues = ChannelQueues(client, door, known, marks, self._intake.take)
        requests = Requests(settings, door, permissions, self.modes, stops)
        choices = Choices(door, permissions, self.previews)
        self._interactions = Interactions(door, permissions, stops, requests, choices)
        self._client = client
        self._door = door
        self._rest = rest

    def message(self, message: discord.Message) -> None:
        self._intake.hear(message)
        self.queues.hear(message)

    def gap(self) -> None:
        self.queues.gap()

    async def catch_up(self) -> None:
        self.permissions_changed()  # nobody tells what was changed in between
        while True:
            try:
                await self.queues.catch_up()
                break
            except Unreachable as error:
                log.warning("what was missed is not known yet: %s", type(error).__name__)
                await asyncio.sleep(STORE_PAUSE_S)
        await self._register()

    def permissions_changed(self) -> None:
        self.undelivered.permissions_changed()

    async def close(self) -> None:
        """Take in nothing more."""
        self._intake.close()
        await self.queues.close()

    async def interaction(self, interaction: discord.Interaction) -> None:
        await self._interactions.handle(interaction)

    async def sweep(self) -> None:
        """For ever: look for what was missed, and tidy up."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.queues.catch_up()
                await self._door.store(store.prune)
                await self._door.store(chat.prune)
            except Exception as error:
                log.warning("the sweep did not end: %s", type(error).__name__)

    async def _register(self) -> None:
        """Tell Discord the slash commands, if they are others than it was told last."""
        application = self._client.application_id
        assert application is not None
        payload = face.payload()
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        try:
            if await self._door.store(store.registered, application) != digest:
                await self._rest.register(application, payload)
                await self._door.store(store.set_registered, application, digest)
        except (discord.HTTPException, *PASSING) as error:
            log.warning("the slash commands were not registered: %s", type(error).__name__)


async def run(settings: Settings, ended: asyncio.Event) -> None:
    """Serve Discord until ``ended`` is set. Misconfigured where no restart can help."""
    token = settings.discord.token
    if token is None:
        raise Misconfigured("DISCORD_BOT_TOKEN: must be the bot's token; see docs/discord.md for how to get one")
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(settings))
        client = DiscordClient(settings.discord)
        stack.push_async_callback(client.close)
        if not await _unless(ended, client.sign_in(token.get_secret_value())):
            return
        known, marks = await door.store(store.channels), await door.store(store.marks)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        bot = DiscordAdapter(settings, door, client, http, known, marks)
        stack.callback(bot.previews.close)
        # Deliveries need REST only: they go on while the gateway is away, and end after it.
        await stack.enter_async_context(door.delivering("discord", bot.deliverer.deliver, bot.actions.act))
        client.events = bot
        stack.push_async_callback(bot.close)
        stack.push_async_callback(client.hang_up)
        resend = bot.undelivered.run(bot.deliverer.send)
        if await _unless(ended, client.stay_connected(), bot.previews.run(door.frames("discord")), bot.sweep(), resend):
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
        await end(waiting, *tasks)
