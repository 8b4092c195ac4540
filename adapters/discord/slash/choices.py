"""Clicks on choices that Clara has offered: each is a message of whoever clicked, in the words of the button."""

import logging
import time
from collections import OrderedDict

import discord

from adapters.discord.access.permissions import Permissions
from adapters.discord.address import click_id, key
from adapters.discord.outbound.previews import Previews
from adapters.door import Door
from clara.errors import StackFault, UserError
from clara.messages import Incoming, Person, Quoted
from clara.text import storable
from temporal import queues

log = logging.getLogger(__name__)

DOUBLE_S = 5.0
"""The same button pressed again by the same person within this was a doubled click."""

REMEMBERED = 1000
QUESTION_LIMIT = 1500
AWAY = "My own services cannot be reached at the moment. Please click again in a minute."


class Choices:
    def __init__(self, door: Door, permissions: Permissions, previews: Previews) -> None:
        self._door = door
        self._permissions = permissions
        self._previews = previews
        self._clicked: OrderedDict[tuple[int, int, str], float] = OrderedDict()

    async def say(self, interaction: discord.Interaction, label: str) -> str:
        """Hand over a click as a message; returns words for that person only if there is a problem.

        The one who calls has seen that the person may talk here.
        """
        message, person = interaction.message, interaction.user
        if message is None or person is None or interaction.channel_id is None:
            return "I do not know what these buttons were for any more."
        what = (message.id, person.id, label)
        if self._is_double(what):
            return ""
        question = storable(message.content)[:QUESTION_LIMIT]
        author = storable(message.author.display_name)[:100]
        said = Incoming(
            id=click_id(interaction.id, message.id),
            conversation=key(interaction.channel_id),
            user=Person(id=f"discord:{person.id}", name=storable(person.display_name)[:200]),
            text=label,
            quoted=(Quoted(author=author, text=question, relation="reply", is_clara=True),) if question else (),
            sent_at=interaction.created_at,
            private=interaction.guild_id is None,
            admin=self._permissions.may_administer(interaction),
            deliver_to=queues.delivery("discord"),
        )
        try:
            turn_id = await self._door.say(said)
        except (UserError, StackFault) as error:
            self._clicked.pop(what, None)
            if isinstance(error, UserError):
                return str(error)
            log.warning("a click in %d was not passed on: %s", interaction.channel_id, type(error).__name__)
            return AWAY
        self._previews.accepted(turn_id)
        return ""

    def _is_double(self, what: tuple[int, int, str]) -> bool:
        now = time.monotonic()
        before = self._clicked.pop(what, None)
        self._clicked[what] = now
        while len(self._clicked) > REMEMBERED:
            self._clicked.popitem(last=False)
        return before is not None and now - before < DOUBLE_S
