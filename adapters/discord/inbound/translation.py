"""From a message on Discord to what Clara is asked: who, where, in which words, with what around it."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta

import discord

from adapters.discord.access.modes import Modes
from adapters.discord.access.permissions import Permissions
from adapters.discord.address import key
from adapters.discord.api.rest import PASSING, patiently
from adapters.discord.inbound.attachments import Attachments
from adapters.discord.inbound.message_text import MessageText
from adapters.door import Door
from clara.attention import Halt, Ignore, Overheard, Say, attend
from clara.messages import Attachment, Incoming, Person, Quoted
from clara.phrases import is_stop
from clara.settings.discord import DiscordSettings
from clara.text import storable
from store import discord as store

QUOTE_LIMIT = 1500
STALE = timedelta(hours=1)
"""What nobody in particular was asked so long ago is no longer answered; the talk has gone on."""

WORDS = (discord.MessageType.default, discord.MessageType.reply)


@dataclass(frozen=True)
class _Line:
    """Something said in a channel, as context for what comes after it."""

    id: int
    quoted: Quoted


class Translator:
    """Reads messages with all that belongs to them: the permissions, the mode, the files, the talk around."""

    def __init__(
        self,
        settings: DiscordSettings,
        client: discord.Client,
        door: Door,
        permissions: Permissions,
        modes: Modes,
        attachments: Attachments,
    ) -> None:
        self._settings = settings
        self._text = MessageText(client)
        self._door = door
        self._permissions = permissions
        self._modes = modes
        self._attachments = attachments
        self._talk: OrderedDict[int, deque[_Line]] = OrderedDict()

    async def attend(self, message: discord.Message) -> Ignore | Halt | Say:
        """What a message asks of Clara."""
        if message.type not in WORDS or message.author.bot or message.webhook_id:
            return Ignore()
        mentioned = self._text.is_mentioned(message)
        heard = Overheard(
            text=self._text.plain(message, without_me=True),
            private=message.guild is None,
            mentions_clara=mentioned,
            replies_to_clara=not mentioned and await self._text.is_reply_to_me(message),
            mode=self._modes.of(message.channel),
            allowed=await self._permissions.may_talk(message.guild, message.channel, message.author),
        )
        decision = attend(heard, self._settings.stop_phrases)
        if isinstance(decision, Say) and not decision.addressed:
            return Ignore() if discord.utils.utcnow() - message.created_at > STALE else decision
        return decision

    def sounds_like_stop(self, message: discord.Message) -> bool:
        """Whether the words are those of a stop; whether it is one, ``attend`` knows."""
        return is_stop(self._text.plain(message, without_me=True), self._settings.stop_phrases)

    def author(self, message: discord.Message) -> Person:
        return Person(id=f"discord:{message.author.id}", name=storable(message.author.display_name)[:200])

    async def incoming(self, message: discord.Message, said: Say, deliver_to: str) -> Incoming:
        """The message for the conversation's workflow, with its files kept and its context read."""
        chain = await self._text.chain(message)
        around = await self._around(message)
        files = list(message.attachments)
        if chain and chain[-1].id == (message.reference and message.reference.message_id) and not files:
            files = [file for file in chain[-1].attachments if (file.content_type or "").startswith("image/")]
        kept = await self._attachments.keep(files, self.author(message).id)
        quoted_ids = {other.id for other in chain}
        quoted = (
            *(line.quoted for line in around if line.id not in quoted_ids),
            *(self._quote(other, "reply") for other in chain),
        )
        text = "\n\n".join([said.text, *kept.remarks]).strip()
        admin = await self._permissions.is_admin(message)
        return self._incoming(message, said, deliver_to, text, kept.attachments, quoted, admin)

    def bare(self, message: discord.Message, said: Say, deliver_to: str) -> Incoming:
        """The message without its files and context: it was stopped before they were read."""
        return self._incoming(message, said, deliver_to, said.text)

    def _incoming(
        self,
        message: discord.Message,
        said: Say,
        deliver_to: str,
        text: str,
        attachments: tuple[Attachment, ...] = (),
        quoted: tuple[Quoted, ...] = (),
        admin: bool = False,
    ) -> Incoming:
        return Incoming(
            id=str(message.id),
            conversation=key(message.channel.id),
            user=self.author(message),
            text=text or ("" if attachments else "(no words)"),
            attachments=attachments,
            quoted=quoted,
            tier=said.tier,
            sent_at=message.created_at,
            private=message.guild is None,
            admin=admin,
            deliver_to=deliver_to,
        )

    def remember(self, message: discord.Message) -> None:
        """Keep in mind what was said in a channel to others, for whoever asks next."""
        talk = self._talk.get(message.channel.id)
        if talk is not None and message.type in WORDS and message.author.id != self._text.myself:
            talk.append(_Line(message.id, self._quote(message, "channel")))

    async def _around(self, message: discord.Message) -> list[_Line]:
        """What was said in the channel since Clara was last asked there; nothing in private."""
        limit = self._settings.max_messages
        if message.guild is None or limit == 0:
            return []
        channel = message.channel
        talk = self._talk.get(channel.id)
        if talk is None:
            talk = deque(maxlen=limit)
            try:
                earlier = await patiently(lambda: channel.history(limit=limit, before=message).flatten(), attempts=2)
            except (discord.HTTPException, *PASSING):
                earlier = []  # no permission, or no luck: she answers without the context
            for other in reversed(earlier):
                if other.type in WORDS and other.id < message.id and not await self._is_request(other):
                    talk.append(_Line(other.id, self._quote(other, "channel")))
            self._talk[channel.id] = talk
            while len(self._talk) > 500:
                self._talk.popitem(last=False)
        turns = {f"turn/{key(channel.id).id}/{line.id}": line for line in talk}
        known = await self._door.store(store.known_turns, list(turns))
        return [
            line
            for turn, line in turns.items()
            if turn not in known and not line.quoted.is_clara and line.id < message.id and line.quoted.text
        ]

    async def _is_request(self, message: discord.Message) -> bool:
        """Whether Clara was asked something by a message of the history: it is a turn's, or it waits to be one.

        The store knows turns that have begun; those that wait in the conversation are told by their words only.
        """
        if message.author.bot or message.webhook_id:
            return False
        active = self._modes.of(message.channel) == "active"
        return active or self._text.is_mentioned(message) or await self._text.is_reply_to_me(message)

    def _quote(self, message: discord.Message, relation: str) -> Quoted:
        text = self._text.plain(message)
        if message.attachments:
            text += "".join(f" [file: {storable(file.filename)}]" for file in message.attachments)
        return Quoted.model_validate(
            {
                "author": storable(message.author.display_name)[:100],
                "text": text.strip()[:QUOTE_LIMIT],
                "relation": relation,
                "is_clara": message.author.id == self._text.myself,
            }
        )
