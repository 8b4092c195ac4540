"""What exists on the fake Discord: people, channels and messages."""

import functools
import itertools
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
ALL_PERMISSIONS = (1 << 50) - 1
MANAGE_CHANNELS = 1 << 4
REACT, VIEW, SEND, MANAGE_MESSAGES, EMBED, HISTORY = 1 << 6, 1 << 10, 1 << 11, 1 << 13, 1 << 14, 1 << 16
OPEN_THREADS, SEND_IN_THREADS = 1 << 35, 1 << 38
MEMBER_PERMISSIONS = REACT | VIEW | SEND | EMBED | 1 << 15 | HISTORY | OPEN_THREADS | SEND_IN_THREADS
"""With attaching files: what everybody has on a server that its owner has not changed."""

NEEDED = {"send": SEND, "history": HISTORY, "react": REACT, "open": OPEN_THREADS}
"""Permissions of the bot, by what it does in a channel; in threads to send is another one."""

TEXT, DIRECT, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12
THREADS = (PUBLIC_THREAD, PRIVATE_THREAD)

_counter = itertools.count()


def snowflake(at: float | None = None) -> int:
    """An id of that moment (seconds since 1970), by default of now; later ids are higher."""
    milliseconds = int((time.time() if at is None else at) * 1000) - EPOCH_MS
    return milliseconds << 22 | next(_counter) & 0x3FFFFF


@dataclass
class User:
    name: str
    bot: bool = False
    nick: str | None = None
    roles: list[int] = field(default_factory=list)
    id: int = field(default_factory=snowflake)
    timed_out_until: str | None = None

    def json(self) -> Json:
        return {
            "id": str(self.id), "username": self.name.lower(), "global_name": self.name, "discriminator": "0",
            "avatar": None, "bot": self.bot,
        }  # fmt: skip

    def member(self) -> Json:
        return {
            "roles": [str(role) for role in self.roles], "nick": self.nick, "joined_at": "2024-01-01T00:00:00+00:00",
            "deaf": False, "mute": False, "flags": 0, "avatar": None, "premium_since": None, "pending": False,
            "communication_disabled_until": self.timed_out_until,
        }  # fmt: skip


@dataclass
class Channel:
    name: str
    type: int = TEXT
    parent: int | None = None
    recipient: User | None = None
    owner: User | None = None
    """Of a thread: who opened it."""
    id: int = field(default_factory=snowflake)
    messages: dict[int, Json] = field(default_factory=dict)
    exists: bool = True
    forbids: set[str] = field(default_factory=set)
    """Any of ``send``, ``edit``, ``attach``, ``history``, ``typing``: refused with 403."""
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By role or user: what is allowed there and what is denied."""
    members: set[int] = field(default_factory=set)
    """Of a private thread."""

    @property
    def last_message_id(self) -> str | None:
        return str(max(self.messages)) if self.messages else None

    def json(self, guild_id: int) -> Json:
        body: Json = {
            "id": str(self.id), "type": self.type, "name": self.name, "last_message_id": self.last_message_id,
            "flags": 0,
        }  # fmt: skip
        if self.recipient is not None:
            return {**body, "recipients": [self.recipient.json()]}
        body |= {"guild_id": str(guild_id), "position": 0, "permission_overwrites": [], "nsfw": False, "topic": None}
        if self.type in THREADS:
            owner = str(self.owner.id if self.owner else 1)
            body |= {
                "parent_id": str(self.parent), "owner_id": owner, "message_count": 0, "member_count": 1,
                "rate_limit_per_user": 0,
                "thread_metadata": {
                    "archived": False, "auto_archive_duration": 1440, "locked": False,
                    "archive_timestamp": "2026-01-01T00:00:00+00:00",
                },
            }  # fmt: skip
        return body


class World:
    """One server with its channels, the direct messages beside it, and everything said in them."""

    def __init__(self) -> None:
        self.guild_id = snowflake()
        self.application_id = snowflake()
        self.clara = User("Clara", bot=True)
        self.users: dict[int, User] = {self.clara.id: self.clara}
        self.channels: dict[int, Channel] = {}
        self.roles: dict[int, Json] = {}
        self.add_role("@everyone", MEMBER_PERMISSIONS, self.guild_id)
        self.clara.roles = [self.add_role("Clara", MEMBER_PERMISSIONS, bot=self.clara.id)]

    def add_role(self, name: str, permissions: int = 0, role_id: int | None = None, bot: int | None = None) -> int:
        role_id = role_id or snowflake()
        self.roles[role_id] = {
            "id": str(role_id), "name": name, "permissions": str(permissions), "position": len(self.roles), "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "managed": bot is not None, "mentionable": True, "flags": 0,
            **({"tags": {"bot_id": str(bot)}} if bot else {}),
        }  # fmt: skip
        return role_id

    def add_user(self, name: str, **how: Any) -> User:
        user = User(name, **how)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str = "general", **how: Any) -> Channel:
        channel = Channel(name, **how)
        self.channels[channel.id] = channel
        return channel

    def permissions(self, user: User, channel: Channel | None = None) -> int:
        """What somebody may do on the server, or in one of its channels."""
        found = int(self.roles[self.guild_id]["permissions"])
        for role in user.roles:
            found |= int(self.roles[role]["permissions"])
        if found & 8:
            return ALL_PERMISSIONS
        if channel is not None and channel.type in THREADS:
            channel = self.channels[channel.parent or 0]
        if channel is not None:
            nothing = (0, 0)
            of_roles = [channel.overwrites.get(role, nothing) for role in user.roles]
            allowed, denied = (functools.reduce(int.__or__, each, 0) for each in zip(nothing, *of_roles, strict=True))
            for allow, deny in (
                channel.overwrites.get(self.guild_id, nothing),
                (allowed, denied),
                channel.overwrites.get(user.id, nothing),
            ):
                found = found & ~deny | allow
        return found if found & VIEW else 0

    def overwrites(self, channel: Channel) -> list[Json]:
        return [
            {"id": str(id), "type": 0 if id in self.roles else 1, "allow": str(allow), "deny": str(deny)}
            for id, (allow, deny) in channel.overwrites.items()
        ]

    def channel(self, channel: Channel) -> Json:
        """A channel as REST and the gateway tell it."""
        body = channel.json(self.guild_id)
        return {**body, "permission_overwrites": self.overwrites(channel)} if channel.type == TEXT else body

    def guild(self) -> Json:
        living = [channel for channel in self.channels.values() if channel.exists]
        return {
            "id": str(self.guild_id), "name": "Test server", "owner_id": "1", "unavailable": False, "large": False,
            "member_count": len(self.users), "roles": list(self.roles.values()), "emojis": [], "stickers": [],
            "features": [], "members": [{**self.clara.member(), "user": self.clara.json()}], "presences": [],
            "voice_states": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
            "channels": [self.channel(c) for c in living if c.type == TEXT],
            "threads": [self.channel(c) for c in living if c.type == PUBLIC_THREAD],
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
            "afk_timeout": 300, "premium_tier": 0, "nsfw_level": 0, "system_channel_flags": 0,
            "preferred_locale": "en-US", "joined_at": "2024-01-01T00:00:00+00:00",
        }  # fmt: skip

    def new_message(self, channel: Channel, author: User, content: str, **more: Any) -> Json:
        """Write a message into a channel; ``at`` dates it back, ``reply_to`` makes it a reply."""
        at = more.pop("at", None)
        reply_to = more.pop("reply_to", None)
        message_id = snowflake(at)
        mentioned = [self.users[int(i)] for i in re.findall(r"<@!?(\d+)>", content) if int(i) in self.users]
        message: Json = {
            "id": str(message_id), "channel_id": str(channel.id), "author": author.json(), "content": content,
            "timestamp": datetime.fromtimestamp(at or time.time(), UTC).isoformat(), "edited_timestamp": None,
            "tts": False, "mention_everyone": False, "mentions": [user.json() for user in mentioned],
            "mention_roles": re.findall(r"<@&(\d+)>", content), "attachments": [], "embeds": [], "components": [],
            "pinned": False, "type": 0, "flags": 0, **more,
        }  # fmt: skip
        if reply_to is not None:
            message["type"] = 19
            message["message_reference"] = {"message_id": str(reply_to), "channel_id": str(channel.id), "type": 0}
            message["referenced_message"] = channel.messages.get(int(reply_to))
        channel.messages[message_id] = message
        return message

    def event(self, message: Json) -> Json:
        """A message as the gateway tells it: with the server and the author's membership."""
        channel = self.channels[int(message["channel_id"])]
        if channel.recipient is not None:
            return message
        author = self.users[int(message["author"]["id"])]
        return {**message, "guild_id": str(self.guild_id), "member": author.member()}
