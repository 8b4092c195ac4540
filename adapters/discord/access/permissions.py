"""Who may talk to Clara, stop her, and change her settings. What cannot be determined is refused."""

import logging
import time
from collections import OrderedDict

import discord

from adapters.discord.api.rest import PASSING, patiently
from clara.attention import Asker
from clara.settings.discord import DiscordSettings

log = logging.getLogger(__name__)

MEMBER_TTL_S = 60.0
"""So long a membership that was asked for is believed."""

MEMBERS_KEPT = 1000

Place = discord.abc.Messageable | discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread | None


class Permissions:
    def __init__(self, settings: DiscordSettings, client: discord.Client) -> None:
        self._settings = settings
        self._client = client
        self._members: OrderedDict[tuple[int, int], tuple[float, discord.Member | None]] = OrderedDict()

    async def may_talk(
        self, guild: discord.Guild | None, channel: Place, person: discord.User | discord.Member
    ) -> bool:
        """Whether the operator's lists of servers, channels and roles let this person talk to her here."""
        if guild is None:
            return await self._may_talk_privately(person)
        if not self.place(guild.id, getattr(channel, "id", 0), getattr(channel, "parent_id", None)):
            return False
        if not self._settings.allowed_roles:
            return True
        member = person if isinstance(person, discord.Member) else await self._member(guild, person.id)
        return member is not None and self._has_role(member)

    def place(self, guild_id: int, channel_id: int, parent_id: int | None) -> bool:
        servers, channels = self._settings.allowed_servers, self._settings.allowed_channels
        if servers and str(guild_id) not in servers:
            return False
        return not channels or str(channel_id) in channels or str(parent_id) in channels

    async def _may_talk_privately(self, person: discord.User | discord.Member) -> bool:
        """Lists of servers and roles are about people too: with one set, only those people may write directly."""
        if not self._settings.allowed_servers and not self._settings.allowed_roles:
            return True
        for guild in self._client.guilds:
            if self._settings.allowed_servers and str(guild.id) not in self._settings.allowed_servers:
                continue
            member = await self._member(guild, person.id)
            if member is not None and (not self._settings.allowed_roles or self._has_role(member)):
                return True
        return False

    async def _member(self, guild: discord.Guild, user_id: int) -> discord.Member | None:
        """Ask Discord, because messages of its history and direct messages come without the membership."""
        until, member = self._members.pop((guild.id, user_id), (0.0, None))
        if time.monotonic() >= until:
            try:
                member = await patiently(lambda: guild.fetch_member(user_id), attempts=3)
            except discord.NotFound:
                member = None
            except (discord.HTTPException, *PASSING) as error:
                log.warning("member %d of %d: %s", user_id, guild.id, type(error).__name__)
                return None
            until = time.monotonic() + MEMBER_TTL_S
        self._members[guild.id, user_id] = (until, member)
        while len(self._members) > MEMBERS_KEPT:
            self._members.popitem(last=False)
        return member

    def _has_role(self, member: discord.Member) -> bool:
        return any(_is(role, self._settings.allowed_roles) for role in member.roles)

    def may_administer(self, interaction: discord.Interaction) -> bool:
        """Manage Channels, Administrator, or the admin role; never in direct messages."""
        member = interaction.user
        if interaction.guild is None or not isinstance(member, discord.Member):
            return False
        return self._administers(member, interaction.permissions)

    async def is_admin(self, message: discord.Message) -> bool:
        """The same for the author of a message."""
        member, granted = await self._standing(message)
        return member is not None and self._administers(member, granted)

    def asker(self, interaction: discord.Interaction) -> Asker:
        """Who uses a command or a button, as far as the rule about stopping and changing needs it."""
        member = interaction.user
        assert member is not None
        moderates = isinstance(member, discord.Member) and self._moderates(member, interaction.permissions)
        return Asker(f"discord:{member.id}", interaction.guild_id is None, moderates)

    async def author(self, message: discord.Message) -> Asker:
        """The same for who wrote a message."""
        member, granted = await self._standing(message)
        moderates = member is not None and self._moderates(member, granted)
        return Asker(f"discord:{message.author.id}", message.guild is None, moderates)

    async def _standing(self, message: discord.Message) -> tuple[discord.Member | None, discord.Permissions]:
        """The membership and permissions of a message's author; a message of the history has to be asked about."""
        author, guild, channel = message.author, message.guild, message.channel
        if guild is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return None, discord.Permissions.none()
        member = author if isinstance(author, discord.Member) else await self._member(guild, author.id)
        return member, channel.permissions_for(member) if member else discord.Permissions.none()

    def _moderates(self, member: discord.Member, granted: discord.Permissions) -> bool:
        return granted.manage_messages or self._administers(member, granted)

    def _administers(self, member: discord.Member, granted: discord.Permissions) -> bool:
        if granted.administrator or granted.manage_channels:
            return True
        return any(_is(role, (self._settings.admin_role,)) for role in member.roles)


def _is(role: discord.Role, names: tuple[str, ...]) -> bool:
    return str(role.id) in names or role.name in names
