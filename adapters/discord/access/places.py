"""The channels in which somebody may act through Clara, found by name or id.

Members, roles and the overwrites of channels are asked for each time: nothing is taken from what a model says, from
names, or from what the gateway told once. A channel that the two of them do not both see is answered like one that
does not exist.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import discord

from adapters.discord.access.permissions import Permissions
from adapters.discord.access.place import Place, granted
from adapters.discord.api.rest import patiently
from clara.errors import UserError
from clara.messages import Incoming

T = TypeVar("T")

WRITTEN = (0, 2, 5, 13)
"""Types of channels in which messages stand: text, voice, announcements, stages."""

SERVERS = 20
"""That are looked through for somebody who writes directly."""

ALIKE = 5
"""Channels of one name that are told."""

_ID = re.compile(r"<?#?(\d{1,20})>?")

UNKNOWN = "There is no channel {name!r} here that you both can see."
UNREADABLE = (
    "There is no channel {name!r} whose messages may be shown here. What only some people may read, you can read "
    "with them in direct messages."
)


@dataclass(frozen=True)
class _Server:
    guild: discord.Guild
    person: discord.Member
    clara: discord.Member


class Places:
    def __init__(self, client: discord.Client, permissions: Permissions) -> None:
        self._client = client
        self._permissions = permissions

    async def here(self, message: Incoming) -> Place:
        """The conversation itself."""
        channel = int(message.conversation.channel)
        if message.private:
            everything = discord.Permissions.all()
            return Place(channel, "this conversation", channel, everything, everything, is_direct=True)
        found = await self._first(await self._servers(message), [channel])
        if not found:
            raise UserError("You cannot both see this channel any more.")
        return found[0]

    async def find(self, message: Incoming, wanted: str, missing: str = UNKNOWN) -> Place:
        """The channel of that name or id, for the person who wrote ``message``; the conversation itself for none.

        UserError, with ``missing``, where there is none that both of them see.
        """
        name = wanted.strip()
        number = _ID.fullmatch(name)
        if name.lower() in ("", "here") or (number and number[1] == message.conversation.channel):
            return await self.here(message)
        servers = await self._servers(message, int(number[1]) if number else None)
        if number:
            found = await self._first(servers, [int(number[1])])
        else:
            found = await self._called(servers, name.removeprefix("#"))
        if not found:
            raise UserError(missing.format(name=wanted))
        if len(found) > 1:
            ids = ", ".join(f"{place.id} ({place.name})" for place in found)
            raise UserError(f"There are several channels called {wanted!r}: {ids}. Give the id of one.")
        return found[0]

    async def find_readable(self, message: Incoming, wanted: str) -> Place:
        """The same for one whose messages may be shown where the person asks."""
        shared = UNKNOWN if message.private else UNREADABLE
        place = await self.find(message, wanted, shared)
        place.require("read_message_history")
        if not await self._may_show(message, [place]):
            raise UserError(shared.format(name=wanted))
        return place

    async def readable(self, message: Incoming, ids: Iterable[int]) -> dict[int, str]:
        """Those of the channels whose messages may be shown where the person asks, with their names."""
        servers = await self._servers(message)
        places = [place for id in ids for place in await self._first(servers, [id])]
        reads = [place for place in places if place.person.read_message_history and place.clara.read_message_history]
        return {place.id: place.name for place in await self._may_show(message, reads)}

    async def _may_show(self, message: Incoming, places: Sequence[Place]) -> list[Place]:
        """Where others read too, only what they can read as well."""
        if message.private:
            return list(places)
        here = await self.here(message)
        return [
            place
            for place in places
            if place.id == here.id or (not place.is_private_thread and (place.is_public or place.base == here.base))
        ]

    async def _servers(self, message: Incoming, channel: int | None = None) -> list[_Server]:
        """The server of the conversation; for direct messages all that both are on, or that of ``channel``."""
        if not message.private:
            guilds = await self._guild_of(int(message.conversation.channel))
        elif channel is not None:
            guilds = await self._guild_of(channel)
        else:
            guilds = [guild.id for guild in self._client.guilds[:SERVERS]]
        user = int(message.user.id.partition(":")[2])
        servers = [await self._server(guild, user) for guild in guilds]
        return [server for server in servers if server is not None]

    async def _guild_of(self, channel: int) -> list[int]:
        data = dict(await _known(lambda: self._client.http.get_channel(channel)) or {})
        return [int(str(data["guild_id"]))] if "guild_id" in data else []

    async def _server(self, guild_id: int, user: int) -> _Server | None:
        guild = await _known(lambda: self._client.fetch_guild(guild_id, with_counts=False))
        if guild is None or self._client.user is None:
            return None
        myself = self._client.user.id
        person = await _known(lambda: guild.fetch_member(user))
        clara = await _known(lambda: guild.fetch_member(myself))
        return _Server(guild, person, clara) if person and clara else None

    async def _called(self, servers: Sequence[_Server], name: str) -> list[Place]:
        found: list[Place] = []
        for server in servers:
            for id in await self._ids(server.guild.id, name):
                found += await self._first([server], [id])
        return found[:ALIKE]

    async def _ids(self, guild: int, name: str) -> list[int]:
        """Channels of that name, or threads that are open, whoever may see them."""
        listed = await _known(lambda: self._client.http.get_all_guild_channels(guild)) or []
        ids = [int(each["id"]) for each in listed if each["type"] in WRITTEN and _same(each["name"], name)]
        if not ids:
            active = await _known(lambda: self._client.http.get_active_threads(guild))
            ids = [int(each["id"]) for each in (active["threads"] if active else []) if _same(each["name"], name)]
        return ids[:ALIKE]

    async def _first(self, servers: Sequence[_Server], ids: Sequence[int]) -> list[Place]:
        """The channel of one of these ids, as a list of one; empty where the two of them do not both see it."""
        for server in servers:
            for id in ids:
                if place := await self._place(server, id):
                    return [place]
        return []

    async def _place(self, server: _Server, id: int) -> Place | None:
        channel = base = await _known(lambda: server.guild.fetch_channel(id))
        if isinstance(channel, discord.Thread):
            parent = channel.parent_id
            base = await _known(lambda: server.guild.fetch_channel(parent))
        if channel is None or base is None or isinstance(base, discord.Thread) or channel.type.value not in _TYPES:
            return None
        person, clara = granted(base, server.person), granted(base, server.clara)
        is_seen = person.view_channel and clara.view_channel
        if not is_seen or not self._permissions.place(server.guild.id, channel.id, base.id):
            return None
        everybody = server.guild.default_role
        public = base.permissions_for(everybody) if everybody else discord.Permissions.none()
        is_private = channel.type is discord.ChannelType.private_thread
        if is_private and not person.manage_threads and not await self._is_in(channel.id, server.person.id):
            return None
        return Place(
            channel.id,
            f"#{channel.name}",
            base.id,
            person,
            clara,
            is_public=public.view_channel and public.read_message_history,
            is_thread=isinstance(channel, discord.Thread),
            is_private_thread=is_private,
            is_locked=isinstance(channel, discord.Thread) and channel.locked,
        )

    async def _is_in(self, thread: int, user: int) -> bool:
        route = discord.http.Route(
            "GET", "/channels/{channel_id}/thread-members/{user_id}", channel_id=thread, user_id=user
        )
        return await _known(lambda: self._client.http.request(route)) is not None


_TYPES = {*WRITTEN, *(each.value for each in discord.ChannelType if "thread" in each.name)}


def _same(name: str, wanted: str) -> bool:
    return name.casefold() == wanted.casefold()


async def _known(ask: Callable[[], Awaitable[T]]) -> T | None:
    """What Discord has; None where it says that there is no such thing, or that it is not for Clara."""
    try:
        return await patiently(ask, attempts=3)
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        return None
