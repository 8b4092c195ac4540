"""Answers by the buttons under a question: only from whom was asked, and the first one counts."""

import logging

import discord

from adapters.discord.access.permissions import Permissions
from adapters.discord.api.rest import patiently
from adapters.discord.outbound.answering import DENY
from adapters.door import Door
from clara.errors import StackFault
from clara.splitting import MESSAGE_LIMIT
from store import approvals
from store.approvals import Scope

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()

_ALLOWED: dict[str, tuple[Scope, str]] = {
    "once": ("once", "✅ Allowed."),
    "conversation": ("conversation", "✅ Allowed in this conversation from now on."),
    "always": ("always", "✅ Allowed from now on."),
}
DENIED = "❌ Not allowed."
OTHERS = "This question is for somebody else; only they can answer it."
OVER = "This was answered before, or nobody waits for the answer any more."


class Answers:
    def __init__(self, door: Door, permissions: Permissions) -> None:
        self._door = door
        self._permissions = permissions

    async def press(self, interaction: discord.Interaction, pressed: str) -> None:
        """``pressed`` is what stands in the button: the question, and the answer. It may be forged."""
        await patiently(interaction.response.defer, attempts=2)
        words = await self._answer(interaction, pressed)
        if words:
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=NOBODY)

    async def _answer(self, interaction: discord.Interaction, pressed: str) -> str:
        """Words for the person alone, if there is a problem."""
        card, _, way = pressed.partition(":")
        asker = self._permissions.asker(interaction)
        try:
            asked = await self._door.store(approvals.of_card, card)
            if way not in (DENY, *_ALLOWED) or not asked:
                return "I do not know that question any more."
            if any(each.user_id != asker.id for each in asked):
                log.warning("%s pressed %r of a question for %s", asker.id, way, asked[0].user_id)
                await self._door.store(approvals.note_foreign, asked[0], asker.id)
                return OTHERS
            scope, told = _ALLOWED.get(way, ("once", DENIED))
            answered = await self._door.answer([each.id for each in asked], way != DENY, scope, asker.id)
        except StackFault:
            log.warning("an answer to the question %s could not be passed on", card)
            return "I could not pass that on. Please press again."
        await self._close(interaction, told if answered else "")
        return "" if answered else OVER

    async def _close(self, interaction: discord.Interaction, told: str) -> None:
        """Take the buttons off the question, and write below it what was answered."""
        question = interaction.message.content if interaction.message else ""
        content = f"{question}\n-# {told}" if told else question
        if len(content) > MESSAGE_LIMIT:
            content = question
        await patiently(
            lambda: interaction.edit_original_response(content=content, view=None, allowed_mentions=NOBODY), attempts=2
        )
