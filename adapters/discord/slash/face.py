"""The commands on Discord, ``/clara name``: as Discord is told them, run, and shown as messages."""

import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import discord

from adapters.commands.command import Arguments, Command, CommandResult, Request, Row
from adapters.commands.registry import offered
from adapters.discord.access.modes import Modes
from adapters.discord.access.permissions import Permissions
from adapters.discord.access.stops import Stops
from adapters.discord.address import key
from adapters.door import Door
from clara import splitting
from clara.attention import Asker, Mode
from clara.settings import Settings

NAME = "clara"
COMMANDS = offered(channels=True)
DESCRIPTION_LIMIT = 100


def payload() -> list[dict[str, Any]]:
    """All commands as Discord is told them, made from the one registry."""
    return [
        {
            "name": NAME,
            "type": 1,
            "description": "Talk with Clara about how she works here",
            "options": [_subcommand(command) for command in COMMANDS.values()],
            "contexts": [0, 1],
            "integration_types": [0],
        }
    ]


def _subcommand(command: Command) -> dict[str, Any]:
    options = [
        {
            "type": 3,
            "name": option.name,
            "description": option.summary[:DESCRIPTION_LIMIT],
            "required": option.required,
            "choices": [{"name": choice, "value": choice} for choice in option.choices],
        }
        for option in command.options
    ]
    return {"type": 1, "name": command.name, "description": command.summary[:DESCRIPTION_LIMIT], "options": options}


class DiscordFace:
    """Where an interaction came from."""

    prefix = f"/{NAME} "
    local: Sequence[Row] = ()
    hints: Sequence[str] = (
        "Mention me, reply to me, or write to me directly.",
        "Begin with !high, !mid or !low to choose the model for one message.",
    )
    operator = False

    def __init__(self, interaction: discord.Interaction, asker: Asker, modes: Modes, stops: Stops) -> None:
        assert interaction.channel_id is not None
        self._interaction = interaction
        self._channel = interaction.channel_id
        self._asker = asker
        self._modes = modes
        self._stops = stops

    async def stop(self, turn_id: str | None) -> bool:
        if turn_id is not None:
            return await self._stops.stop_turn(turn_id, self._asker)
        overtaken = await self._stops.overtake(self._channel, self._interaction.id, self._asker)
        return overtaken or await self._stops.stop(self._channel, self._asker)

    def mode(self) -> Mode | None:
        return None if self._interaction.guild_id is None else self._modes.of(self._interaction.channel)

    async def set_mode(self, mode: Mode) -> None:
        assert self._interaction.guild_id is not None
        await self._modes.set(self._channel, self._interaction.guild_id, mode)


class Requests:
    """Makes requests for commands out of interactions."""

    def __init__(self, settings: Settings, door: Door, permissions: Permissions, modes: Modes, stops: Stops) -> None:
        self._settings = settings
        self._door = door
        self._permissions = permissions
        self._modes = modes
        self._stops = stops

    def of(self, interaction: discord.Interaction) -> Request:
        asker = self._permissions.asker(interaction)
        thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
        assert interaction.channel_id is not None
        return Request(
            door=self._door,
            settings=self._settings,
            face=DiscordFace(interaction, asker, self._modes, self._stops),
            commands=tuple(COMMANDS.values()),
            key=key(interaction.channel_id),
            asker=asker,
            zone=ZoneInfo(self._settings.runtime.timezone),
            admin=self._permissions.may_administer(interaction),
            owner=f"discord:{thread.owner_id}" if thread else None,
        )


def chosen(data: dict[str, Any]) -> tuple[str, Arguments]:
    """The subcommand's name and its options, as Discord sends them."""
    subcommand: dict[str, Any] = (data.get("options") or [{}])[0]
    options = {str(option["name"]): str(option["value"]) for option in subcommand.get("options") or []}
    return str(subcommand.get("name", "")), options


def message(result: CommandResult) -> dict[str, Any]:
    """As a message, or as a file where a message cannot hold it."""
    rows = [f"`{left}`: {discord.utils.escape_markdown(right)}" for left, right in result.table]
    words = "\n".join([*rows, *([discord.utils.escape_markdown(result.text)] if result.text else [])])
    if splitting.length(words) <= splitting.MESSAGE_LIMIT:
        return {"content": words}
    plain = "\n".join([*(f"{left}: {right}" for left, right in result.table), result.text])
    file = discord.File(io.BytesIO(plain.encode()), filename="answer.txt")
    return {"content": "That is long, so it is attached.", "file": file}
