"""Slash commands and buttons: acknowledged at once, checked, done, answered."""

import logging
from typing import Any

import discord

from adapters.commands.command import SECRET, Arguments, Command, Request
from adapters.discord.access.permissions import Permissions
from adapters.discord.access.stops import Stops
from adapters.discord.api.rest import PASSING, patiently
from adapters.discord.chat import buttons
from adapters.discord.outbound import answering
from adapters.discord.outbound.previews import STOP_PREFIX
from adapters.discord.slash import face, secrets
from adapters.discord.slash.answers import Answers
from adapters.discord.slash.choices import Choices
from adapters.discord.slash.face import Requests
from adapters.door import Door
from clara.errors import StackFault, UserError
from store.turns import turns

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()


class Interactions:
    def __init__(
        self, door: Door, permissions: Permissions, stops: Stops, requests: Requests, choices: Choices
    ) -> None:
        self._door = door
        self._permissions = permissions
        self._stops = stops
        self._requests = requests
        self._choices = choices
        self._answers = Answers(door, permissions)

    async def handle(self, interaction: discord.Interaction) -> None:
        """Answer a command of Clara's or a press of her button; anything else is somebody else's."""
        data: dict[str, Any] = dict(interaction.data or {})
        try:
            if interaction.type is discord.InteractionType.application_command and data.get("name") == face.NAME:
                await self._command(interaction, data)
            elif interaction.type is discord.InteractionType.modal_submit:
                if (filled := secrets.filled(data)) is not None:
                    await self._do(interaction, *filled)
            elif interaction.type is discord.InteractionType.component:
                custom_id = str(data.get("custom_id", ""))
                if custom_id.startswith(STOP_PREFIX):
                    await self._press(interaction, custom_id.removeprefix(STOP_PREFIX))
                elif custom_id.startswith(buttons.PREFIX):
                    await self._choose(interaction, custom_id.removeprefix(buttons.PREFIX))
                elif custom_id.startswith(answering.PREFIX):
                    await self._answers.press(interaction, custom_id.removeprefix(answering.PREFIX))
        except (discord.HTTPException, *PASSING) as error:
            log.warning("interaction %d was not answered: %s", interaction.id, type(error).__name__)

    async def _command(self, interaction: discord.Interaction, data: dict[str, Any]) -> None:
        name, arguments = face.chosen(data)
        await self._do(interaction, name, arguments)

    async def _do(self, interaction: discord.Interaction, name: str, arguments: Arguments) -> None:
        command, request = face.COMMANDS.get(name), self._requests.of(interaction)
        refused = "" if command else "I do not know that command."
        dialog = None
        try:
            if command is not None:
                command.permit(request, arguments)
                if wanted := command.asks_for(arguments):
                    dialog = secrets.dialog(name, arguments, wanted)
        except UserError as error:
            refused = str(error)
        if dialog is not None:
            await patiently(lambda: interaction.response.send_modal(dialog), attempts=2)
            return
        # Acknowledged before anything that could take long: Discord gives three seconds.
        ephemeral = bool(refused) or command is None or not command.public or SECRET in arguments
        await patiently(lambda: interaction.response.defer(ephemeral=ephemeral, invisible=False), attempts=2)
        answer: dict[str, Any]
        if refused or command is None:
            answer = {"content": refused}
        elif not await self._may_talk(interaction):
            answer = {"content": "I may not talk with you here."}
        else:
            answer = await self._answer(command, request, arguments)
        await patiently(lambda: interaction.edit_original_response(**answer, allowed_mentions=NOBODY))

    async def _answer(self, command: Command, request: Request, arguments: Arguments) -> dict[str, Any]:
        try:
            return face.message(await command.run(request, arguments))
        except UserError as error:
            return {"content": str(error)}
        except StackFault:
            log.warning("/clara %s: Temporal or the database cannot be reached", command.name)
            return {"content": "My own services cannot be reached at the moment. Please try again in a minute."}
        except Exception:
            log.exception("/clara %s failed", command.name)
            return {"content": "Something on my side broke. Please try again."}

    async def _press(self, interaction: discord.Interaction, turn_id: str) -> None:
        await patiently(interaction.response.defer, attempts=2)
        words = await self._stop(interaction, turn_id)
        if words:
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=NOBODY)

    async def _choose(self, interaction: discord.Interaction, label: str) -> None:
        await patiently(interaction.response.defer, attempts=2)
        may_talk = await self._may_talk(interaction)
        words = await self._choices.say(interaction, label) if may_talk else "I may not talk with you here."
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
