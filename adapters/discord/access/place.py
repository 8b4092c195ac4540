"""A channel as somebody may use it through Clara: what Discord lets that person do there, and what it lets her do."""

from dataclasses import dataclass

import discord

from clara.errors import UserError

_RIGHTS = {
    "send_messages": "write",
    "send_messages_in_threads": "write",
    "embed_links": "send embeds",
    "add_reactions": "add reactions",
    "create_public_threads": "open threads",
    "read_message_history": "read earlier messages",
}


@dataclass(frozen=True)
class Place:
    """A channel as both may use it."""

    id: int
    name: str
    base: int
    """The channel whose rules hold: of a thread, the one that it hangs on."""
    person: discord.Permissions
    clara: discord.Permissions
    is_public: bool = False
    """Everybody on the server may read what was said there."""
    is_thread: bool = False
    is_private_thread: bool = False
    is_locked: bool = False
    is_direct: bool = False

    def require(self, *rights: str) -> None:
        """UserError where either of them lacks one of these rights there."""
        for right in rights:
            if right == "send_messages" and self.is_thread:
                right = "send_messages_in_threads"
            for who, may in (("The person", self.person), ("I", self.clara)):
                if not getattr(may, right):
                    raise UserError(f"{who} may not {_RIGHTS[right]} in {self.name}.")
                if self.is_locked and right != "read_message_history" and not may.manage_threads:
                    raise UserError(f"{self.name} is locked.")


def granted(base: discord.abc.GuildChannel, member: discord.Member) -> discord.Permissions:
    """What a member may do in a channel. The library knows roles and overwrites; what follows from them is here."""
    may = base.permissions_for(member)
    if not may.view_channel:
        return discord.Permissions.none()
    if member.timed_out and not may.administrator:
        return discord.Permissions(view_channel=True, read_message_history=may.read_message_history)
    return may
