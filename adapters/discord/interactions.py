"""Slash commands and the Stop button: acknowledged at once, checked, done, answered."""

import io
import logging
from typing import Any

import discord

from adapters.discord import commands
from adapters.discord.commands import COMMANDS, Commands
from adapters.discord.live import STOP_PREFIX
from adapters.discord.permissions import Permissions
from adapters.discord.rest import PASSING, patiently
from adapters.discord.stops import Stops
from adapters.door import Door
from clara import splitting
from clara.attention import Asker
from clara.errors import StackFault, UserError
from store import turns

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()


class Interactions:
    def __init__(self, door: Door, permissions: Permissions, stops: Stops, known: Commands) -> None:
        self._door = door
        self._permissions = permissions
        self._stops = stops
        self._commands = known

    async def handle(self, interaction: discord.Interaction) -> None:
        """Answer a command of Clara's or a press of her button; anything else is somebody else's."""
        data: dict[str, Any] = dict(interaction.data or {})
        try:
            if interaction.type is discord.InteractionType.application_command and data.get("name") == commands.NAME:
                await self._command(interaction, data)
            elif interaction.type is discord.InteractionType.component:
                custom_id = str(data.get("custom_id", ""))
                if custom_id.startswith(STOP_PREFIX):
                    await self._press(interaction, custom_id.removeprefix(STOP_PREFIX))
        except (discord.HTTPException, *PASSING) as error:
            log.warning("interaction %d was not answered: %s", interaction.id, type(error).__name__)

    async def _command(self, interaction: discord.Interaction, data: dict[str, Any]) -> None:
        chosen: dict[str, Any] = (data.get("options") or [{}])[0]
        name = str(chosen.get("name", ""))
        options = {str(option["name"]): str(option["value"]) for option in chosen.get("options") or []}
        command = COMMANDS.get(name)
        asker = self._permissions.asker(interaction)
        refused = commands.refusal(name, interaction, asker, options)
        if command is not None and command.admin and not self._permissions.may_administer(interaction):
            refused = "For this you need the permission to manage channels here, or the administrators' role."
        # Acknowledged before anything that could take long: Discord gives three seconds.
        ephemeral = bool(refused) or name not in commands.PUBLIC
        await patiently(lambda: interaction.response.defer(ephemeral=ephemeral), attempts=2)
        if refused:
            words = refused
        elif not await self._may_talk(interaction):
            words = "I may not talk with you here."
        else:
            words = await self._answer(name, interaction, asker, options)
        await patiently(lambda: interaction.edit_original_response(**_answer_of(words), allowed_mentions=NOBODY))

    async def _answer(self, name: str, interaction: discord.Interaction, asker: Asker, options: dict[str, str]) -> str:
        try:
            return await self._commands.run(name, interaction, asker, options)
        except UserError as error:
            return str(error)
        except StackFault:
            log.warning("/clara %s: Temporal cannot be reached", name)
            return "My own services cannot be reached at the moment. Please try again in a minute."
        except Exception:
            log.exception("/clara %s failed", name)
            return "Something on my side broke. Please try again."

    async def _press(self, interaction: discord.Interaction, turn_id: str) -> None:
        await patiently(interaction.response.defer, attempts=2)
        words = await self._stop(interaction, turn_id)
        if words:
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=NOBODY)

    async def _stop(self, interaction: discord.Interaction, turn_id: str) -> str:
        """Stop a turn, if the one who pressed may; returns words for that person only if there is a problem."""
        turn = await self._door.store(turns.get, turn_id)
        if turn is None or turn.ended_at is not None:
            # By the interaction, which needs no permission in the channel: the reply may not have come for want of one.
            await patiently(lambda: interaction.edit_original_response(view=None, allowed_mentions=NOBODY), attempts=2)
            return "" if turn else "I do not know that answer any more."
        try:
            await self._stops.stop_turn(turn_id, self._permissions.asker(interaction))
        except UserError as error:
            return str(error)
        except StackFault:
            log.warning("%s: the stop could not be passed on", turn_id)
            return "I could not pass that on. Please press again."
        return ""

    async def _may_talk(self, interaction: discord.Interaction) -> bool:
        person = interaction.user
        if person is None or (interaction.guild_id is not None and interaction.guild is None):
            return False
        return await self._permissions.may_talk(interaction.guild, interaction.channel, person)


def _answer_of(words: str) -> dict[str, Any]:
    """The words as a message, or as a file where a message cannot hold them."""
    if splitting.length(words) <= splitting.MESSAGE_LIMIT:
        return {"content": words}
    file = discord.File(io.BytesIO(words.encode()), filename="answer.txt")
    return {"content": "That is long, so it is attached.", "file": file}
