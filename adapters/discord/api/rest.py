"""Discord's REST API as far as Clara writes there, with patience for everything that passes by itself."""

import asyncio
import io
import json
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import Route

from adapters.discord.api.rate_limits import RateLimits

log = logging.getLogger(__name__)

Json = dict[str, Any]
T = TypeVar("T")

ATTEMPTS = 5
TIMEOUT_S = 60
"""Of one attempt, with the pauses that the library makes when Discord asks for them."""

PASSING = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError)
"""py-cord itself tries again after a reset connection on BSD and Windows only."""

NO_MENTIONS: Json = {"parse": [], "replied_user": False}


@dataclass(frozen=True)
class Upload:
    name: str
    data: bytes


async def patiently(work: Callable[[], Awaitable[T]], attempts: int = ATTEMPTS) -> T:
    """Do ``work``, again after faults that pass; it must be harmless to do it twice."""
    for attempt in range(1, attempts + 1):
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await work()
        except PASSING as error:
            if attempt == attempts:
                raise
            log.info("Discord: %s, trying again", type(error).__name__)
            await asyncio.sleep(random.uniform(0.2, 0.5) * 2**attempt)
    raise AssertionError("unreachable")


class Rest:
    """Writes to channels. Nobody is ever pinged by what Clara writes."""

    def __init__(self, client: discord.Client, limits: RateLimits) -> None:
        self._client = client
        self._limits = limits

    async def create(self, channel: int, nonce: str, body: Json, uploads: Sequence[Upload] = ()) -> Json:
        """Send a message; sending it again with the same nonce within minutes returns the first one."""
        body = {**body, "nonce": nonce, "enforce_nonce": True, "allowed_mentions": NO_MENTIONS}
        return await self._write("POST", "/channels/{channel_id}/messages", channel, body, uploads)

    async def edit(self, channel: int, message: int, body: Json, uploads: Sequence[Upload] = ()) -> Json:
        body = {**body, "allowed_mentions": NO_MENTIONS}
        path = "/channels/{channel_id}/messages/{message_id}"
        return await self._write("PATCH", path, channel, body, uploads, message_id=message)

    async def _write(
        self, method: str, path: str, channel: int, body: Json, uploads: Sequence[Upload], **ids: int
    ) -> Json:
        async def attempt() -> Json:
            async with self._limits.write(channel):
                return await self._request(Route(method, path, channel_id=channel, **ids), body, uploads)

        return await patiently(attempt)

    async def _request(self, route: Route, body: Json, uploads: Sequence[Upload]) -> Json:
        if not uploads:
            answer: Json = await self._client.http.request(route, json=body)
            return answer
        files = [discord.File(io.BytesIO(upload.data), filename=upload.name) for upload in uploads]
        described = [{"id": index, "filename": upload.name} for index, upload in enumerate(uploads)]
        form: list[Json] = [{"name": "payload_json", "value": json.dumps({**body, "attachments": described})}]
        for index, file in enumerate(files):
            form.append({"name": f"files[{index}]", "value": file.fp, "filename": file.filename})
        answered: Json = await self._client.http.request(route, form=form, files=files)
        return answered

    async def delete(self, channel: int, message: int) -> None:
        route = Route("DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message)
        await patiently(lambda: self._client.http.request(route))

    async def after(self, channel: int, message: int) -> list[Json]:
        """The first 100 messages after one, oldest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        found: list[Json] = await patiently(
            lambda: self._client.http.request(route, params={"after": str(message), "limit": "100"})
        )
        return sorted(found, key=lambda m: int(m["id"]))

    async def before(self, channel: int, message: int | None, limit: int) -> list[Json]:
        """The newest messages of a channel, or the newest before one; in no certain order."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        params = {"limit": str(limit), **({"before": str(message)} if message else {})}
        found: list[Json] = await patiently(lambda: self._client.http.request(route, params=params))
        return found

    async def channel(self, channel: int) -> Json:
        route = Route("GET", "/channels/{channel_id}", channel_id=channel)
        found: Json = await patiently(lambda: self._client.http.request(route))
        return found

    async def open_thread(self, channel: int, message: int, name: str) -> Json:
        """Begin a thread from a message, which can have one; another try is refused with code 160004."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        route = Route("POST", path, channel_id=channel, message_id=message)
        made: Json = await patiently(lambda: self._client.http.request(route, json={"name": name}))
        return made

    async def message(self, channel: int, message: int) -> Json:
        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("GET", path, channel_id=channel, message_id=message)
        found: Json = await patiently(lambda: self._client.http.request(route))
        return found

    async def typing(self, channel: int) -> None:
        """Show that Clara is at work, for about ten seconds."""
        await self._client.http.request(Route("POST", "/channels/{channel_id}/typing", channel_id=channel))

    async def react(self, channel: int, message: int, emoji: str) -> None:
        path = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
        route = Route("PUT", path, channel_id=channel, message_id=message, emoji=emoji)
        await patiently(lambda: self._client.http.request(route))

    async def unreact(self, channel: int, message: int, emoji: str) -> None:
        """Take back a reaction."""
        path = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
        route = Route("DELETE", path, channel_id=channel, message_id=message, emoji=emoji)
        await patiently(lambda: self._client.http.request(route))

    async def register(self, application: int, commands: list[Json]) -> None:
        """Tell Discord all slash commands; those that are not among them disappear."""
        route = Route("PUT", "/applications/{application_id}/commands", application_id=application)
        await patiently(lambda: self._client.http.request(route, json=commands))
