"""The connection to Discord: py-cord, with the workarounds that its version 2.8.1 needs."""

import asyncio
import logging
import random
from typing import Any, Protocol

import aiohttp
import discord
from discord.http import Route

from adapters.discord.api.rate_limits import Throttle
from clara.errors import Misconfigured
from clara.settings.discord import DiscordSettings

log = logging.getLogger(__name__)

LOGIN_PAUSE_S = 2.0
LOGIN_LONGEST_PAUSE_S = 60.0
CLOSE_TIMEOUT_S = 2

INVITATION = (
    "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions=309237763136"
)
"""To view channels, send messages and embeds, open threads, attach files, read the history and add reactions."""

BAD_TOKEN = "DISCORD_BOT_TOKEN: Discord does not know this token. Copy the bot's current one from its Bot page."
NO_INTENT = (
    "The bot may not read messages: switch on the Message Content Intent on its Bot page in Discord's developer portal."
)


class Events(Protocol):
    """What is done with what Discord tells."""

    def message(self, message: discord.Message) -> None: ...
    def gap(self) -> None: ...
    async def catch_up(self) -> None: ...
    async def interaction(self, interaction: discord.Interaction) -> None: ...
    def permissions_changed(self) -> None: ...


def intents() -> discord.Intents:
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = wanted.message_content = True
    return wanted


class DiscordClient(discord.Client):
    """A client that keeps no messages and no members, and hands on what it hears in order."""

    def __init__(self, settings: DiscordSettings) -> None:
        Route.API_BASE_URL = f"{settings.api_base}/api/v{{API_VERSION}}"
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            cache_default_sounds=False,  # an error there would keep on_ready from ever coming
            guild_ready_timeout=0.05 if settings.on_loopback else 2.0,
        )
        self._patient = not settings.on_loopback
        self._throttle = Throttle()
        self._request = self.http.request
        self.http.request = self._throttled  # type: ignore[method-assign]
        self.events: Events | None = None

    async def _throttled(self, route: Route, **arguments: Any) -> Any:
        """Every REST request of the library passes here."""
        await self._throttle.wait()
        return await self._request(route, **arguments)

    async def sign_in(self, token: str) -> None:
        """Make REST requests possible, as soon as Discord can be reached. Misconfigured for a wrong token."""
        pause = LOGIN_PAUSE_S
        while True:
            try:
                await self.login(token)
                return
            except discord.LoginFailure as error:
                raise Misconfigured(BAD_TOKEN) from error
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("Discord cannot be reached (%s), trying again in %.0f s", type(error).__name__, pause)
                await self.http.close()
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, LOGIN_LONGEST_PAUSE_S)

    async def stay_connected(self) -> None:
        """Follow the gateway until cancelled. Misconfigured where it refuses for good."""
        try:
            await self.connect()
        except discord.PrivilegedIntentsRequired as error:
            raise Misconfigured(NO_INTENT) from error
        except discord.ConnectionClosed as error:
            if error.code == 4004:
                raise Misconfigured(BAD_TOKEN) from error
            raise

    async def hang_up(self) -> None:
        """End the gateway's session, after ``stay_connected`` was cancelled. REST stays possible.

        The library's own ``close`` ends HTTP first, and the connection then tries to come back.
        """
        if self.ws is not None and self.ws.open:
            try:
                await asyncio.wait_for(self.ws.close(code=1000), CLOSE_TIMEOUT_S)
            except (TimeoutError, OSError, aiohttp.ClientError) as error:
                log.info("the connection did not close cleanly: %s", type(error).__name__)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if self._patient:
            await super().before_identify_hook(shard_id, initial=initial)

    async def on_connect(self) -> None:
        if self.events:
            self.events.gap()

    async def on_ready(self) -> None:
        log.info("connected to Discord as %s, %d servers", self.user, len(self.guilds))
        if not self.guilds:
            log.warning("not on any server yet; invite the bot with %s", INVITATION.format(self.application_id))
        if self.events:
            await self.events.catch_up()

    async def on_resumed(self) -> None:
        if self.events:
            self.events.gap()
            await self.events.catch_up()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        if self.events and self.is_ready():
            await self.events.catch_up()

    async def on_message(self, message: discord.Message) -> None:
        if self.events:
            self.events.message(message)

    # Whatever may have given a permission back. Most of it is something else, and it comes rarely.

    async def on_guild_channel_update(self, _: object, __: object) -> None:
        self._permissions_changed()

    async def on_guild_role_update(self, _: object, __: object) -> None:
        self._permissions_changed()

    async def on_thread_update(self, _: object, __: object) -> None:
        self._permissions_changed()

    async def on_raw_member_update(self, _: object) -> None:
        self._permissions_changed()  # of herself: of others she is told nothing

    def _permissions_changed(self) -> None:
        if self.events:
            self.events.permissions_changed()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if self.events:
            await self.events.interaction(interaction)

    async def on_error(self, event_method: str, *_: object, **__: object) -> None:
        log.exception("the event %s was not handled", event_method)
