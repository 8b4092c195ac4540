"""What a message on Discord says and to whom: names for ids, mentions of Clara, what it replies to."""

import re

import discord

from adapters.discord.api.rest import PASSING, patiently
from clara.text import storable

CHAIN = 10
"""Messages of a reply chain that are read."""

_MENTION = re.compile(r"<(@!?|@&|#)(\d+)>")


class MessageText:
    def __init__(self, client: discord.Client) -> None:
        self._client = client

    @property
    def myself(self) -> int:
        assert self._client.user is not None
        return self._client.user.id

    def plain(self, message: discord.Message, without_me: bool = False) -> str:
        """The text with names instead of ids; ``without_me`` drops mentions of Clara at its ends."""
        names = {user.id: user.display_name for user in message.mentions}
        role = message.guild.self_role if message.guild else None

        def name(found: re.Match[str]) -> str:
            number = int(found[2])
            if found[1] == "#":
                channel = message.guild.get_channel_or_thread(number) if message.guild else None
                return f"#{channel.name}" if channel else found[0]
            if found[1] == "@&":
                named = message.guild.get_role(number) if message.guild else None
                return f"@{named.name}" if named else found[0]
            return f"@{names[number]}" if number in names else found[0]

        text = message.content
        if without_me:
            text = _without_ends(text, {self.myself, role.id if role else self.myself})
        return storable(_MENTION.sub(name, text)).strip()

    def is_mentioned(self, message: discord.Message) -> bool:
        if any(user.id == self.myself for user in message.mentions):
            return True
        role = message.guild.self_role if message.guild else None
        return role is not None and role in message.role_mentions

    async def is_reply_to_me(self, message: discord.Message) -> bool:
        if message.type is not discord.MessageType.reply:
            return False
        replied = await self.replied(message)
        return replied is not None and replied.author.id == self.myself

    async def chain(self, message: discord.Message) -> list[discord.Message]:
        """The messages that this one replies to, oldest first."""
        chain: list[discord.Message] = []
        current = message
        while len(chain) < CHAIN and current.reference is not None and current.type is discord.MessageType.reply:
            replied = await self.replied(current)
            if replied is None:
                break
            chain.append(replied)
            current = replied
        return list(reversed(chain))

    async def replied(self, message: discord.Message) -> discord.Message | None:
        reference = message.reference
        if reference is None or reference.message_id is None:
            return None
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        if isinstance(reference.resolved, discord.DeletedReferencedMessage):
            return None
        wanted = reference.message_id
        try:
            return await patiently(lambda: message.channel.fetch_message(wanted), attempts=2)
        except (discord.HTTPException, *PASSING):
            return None  # deleted, or not ours to read: the chain ends here


def _without_ends(text: str, mentioned: set[int]) -> str:
    """``text`` without mentions of these at its beginning and its end, and the commas that set them off.

    One mention after the other: a pattern for all of them at once takes exponential time on some texts.
    """
    mention = rf"<@[!&]?(?:{'|'.join(str(number) for number in mentioned)})>"
    text = text.strip()
    while found := re.match(mention, text):
        text = text[found.end() :].lstrip(" \t\n,:")
    while found := re.search(rf"{mention}$", text):
        text = text[: found.start()].rstrip(" \t\n,")
    return text
