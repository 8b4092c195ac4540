"""The slash commands under ``/clara``: what they answer."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import discord

from adapters import tasks
from adapters.discord.hearing import key
from adapters.discord.modes import Modes
from adapters.discord.stops import Stops
from adapters.door import Door
from clara.attention import Asker, may_decide
from clara.commands import Command, for_surface
from clara.errors import StackFault, UserError
from clara.memory import kinds
from clara.messages import ConversationKey, Tier
from clara.settings import Settings
from store import conversations, turns
from store.turns import Totals

NAME = "clara"
PUBLIC = frozenset({"mode", "model", "new", "project"})
"""These concern everybody in the channel; the others one person."""

CHANGES = {"new": None, "model": "tier", "project": "name"}
"""Commands that change how she works in a place, for everybody there, and the option without which they only show."""

USAGE_DAYS = 30

COMMANDS = {command.name: command for command in for_surface("discord")}

_MODES = {
    "active": "I answer every message in this channel.",
    "mention": "I answer in this channel when I am mentioned, or when somebody replies to me.",
    "off": "I am silent in this channel.",
}


def payload() -> list[dict[str, Any]]:
    """All commands as Discord is told them, made from the one registry."""
    options = [_subcommand(command) for command in COMMANDS.values()]
    return [
        {
            "name": NAME,
            "type": 1,
            "description": "Talk with Clara about how she works here",
            "options": options,
            "contexts": [0, 1],
            "integration_types": [0],
        }
    ]


def _subcommand(command: Command) -> dict[str, Any]:
    options = [
        {
            "type": 3,
            "name": option.name,
            "description": option.summary[:100],
            "required": option.required,
            "choices": [{"name": choice, "value": choice} for choice in option.choices],
        }
        for option in command.options
    ]
    return {"type": 1, "name": command.name, "description": command.summary[:100], "options": options}


class Commands:
    def __init__(self, settings: Settings, door: Door, modes: Modes, stops: Stops) -> None:
        self._settings = settings
        self._door = door
        self._modes = modes
        self._stops = stops
        self._handlers: dict[str, Callable[[discord.Interaction, dict[str, str]], Awaitable[str]]] = {
            "mode": self._mode,
            "status": self._status,
            "tasks": self._tasks,
            "model": self._model,
            "new": self._new,
            "project": self._project,
            "memory": self._memory,
            "usage": self._usage,
            "help": self._help,
        }

    async def run(self, name: str, interaction: discord.Interaction, asker: Asker, options: dict[str, str]) -> str:
        """Do what a command asks; returns the words for the person. UserError where they may not."""
        if name == "stop":
            return await self._stop(interaction, asker, options.get("number", ""))
        handler = self._handlers.get(name)
        return await handler(interaction, options) if handler else "I do not know that command."

    async def _mode(self, interaction: discord.Interaction, options: dict[str, str]) -> str:
        mode = options.get("mode", "")
        if mode not in _MODES or interaction.guild_id is None or interaction.channel_id is None:
            return "A mode is active, mention or off, and it belongs to a channel of a server."
        await self._modes.set(interaction.channel_id, interaction.guild_id, mode)  # type: ignore[arg-type]
        return _MODES[mode]

    async def _stop(self, interaction: discord.Interaction, asker: Asker, number: str) -> str:
        channel = interaction.channel_id
        assert channel is not None
        if number:
            turn_id = await self._door.store(tasks.turn_of, key(channel), number)
            return "I am stopping." if await self._stops.stop_turn(turn_id, asker) else "There is nothing to stop here."
        stopping = await self._stops.overtake(channel, interaction.id, asker) or await self._stops.stop(channel, asker)
        return "I am stopping." if stopping else "There is nothing to stop here."

    async def _tasks(self, interaction: discord.Interaction, _: dict[str, str]) -> str:
        zone = ZoneInfo(self._settings.runtime.timezone)
        words = await self._door.store(tasks.listing, _key(interaction), zone)
        return discord.utils.escape_markdown(words)

    async def _status(self, interaction: discord.Interaction, _: dict[str, str]) -> str:
        where = _key(interaction)
        conversation = await self._door.store(conversations.get, where)
        tier = conversation.tier or self._settings.llm.default_tier
        route = self._settings.llm.routes(tier)[0]
        lines = [f"Model: {route.model} ({route.provider}), tier {tier}"]
        if interaction.guild_id is not None:
            lines.insert(0, f"Mode: {self._modes.of(interaction.channel)}")
        try:
            status = await self._door.status(where)
        except StackFault:
            return "\n".join([*lines, "What I am doing is not known: no worker is polling."])
        running = await self._door.store(turns.get, status.running) if status.running else None
        name = discord.utils.escape_markdown(running.message.user.name) if running else ""
        doing = f"answering {name}" if running else "answering" if status.running else "nothing"
        lines += [f"Doing: {doing}", f"Waiting: {len(status.waiting)}"]
        if status.parked:
            lines.append(f"Waiting for something outside: {len(status.parked)}; `/{NAME} tasks` lists them")
        return "\n".join(lines)

    async def _model(self, interaction: discord.Interaction, options: dict[str, str]) -> str:
        where = _key(interaction)
        wanted = options.get("tier")
        tiers: dict[str, Tier | None] = {"high": "high", "mid": "mid", "low": "low", "default": None}
        if wanted in tiers:
            await self._door.store(conversations.set_tier, where, tiers[wanted])
        tier = (await self._door.store(conversations.get, where)).tier
        used = tier or self._settings.llm.default_tier
        route = self._settings.llm.routes(used)[0]
        return f"Here I answer with {route.model} ({route.provider}), tier {tier or f'{used}, by default'}."

    async def _new(self, interaction: discord.Interaction, _: dict[str, str]) -> str:
        await self._door.store(conversations.start_fresh, _key(interaction))
        return "A fresh conversation: I no longer read what was said here before."

    async def _project(self, interaction: discord.Interaction, options: dict[str, str]) -> str:
        where, wanted = _key(interaction), options.get("name")
        if wanted:
            try:
                await self._door.store(conversations.set_project, where, kinds.project_wish(wanted))
            except UserError as error:
                return str(error)
        project = (await self._door.store(conversations.get, where)).project
        return f"Here we talk about the project {project}." if project else "We talk about no project here."

    async def _memory(self, interaction: discord.Interaction, options: dict[str, str]) -> str:
        # The answer is ephemeral: nobody else reads it, wherever it was asked for.
        user, action = f"discord:{_person(interaction)}", options.get("action", "list")
        return await self._door.memory(user, _key(interaction), action, options.get("text", ""))

    async def _usage(self, interaction: discord.Interaction, _: dict[str, str]) -> str:
        since = datetime.now(UTC) - timedelta(days=USAGE_DAYS)
        return _totals(await self._door.store(turns.usage, f"discord:{_person(interaction)}", since))

    async def _help(self, _: discord.Interaction, __: dict[str, str]) -> str:
        lines = [f"`/{NAME} {command.usage}`: {command.summary}" for command in COMMANDS.values()]
        return "\n".join(
            [
                "Mention me, reply to me, or write to me directly.",
                "Begin with `!high`, `!mid` or `!low` to choose the model for one message.",
                *lines,
            ]
        )


def refusal(name: str, interaction: discord.Interaction, asker: Asker, options: dict[str, str]) -> str:
    """Why somebody may not change what a command would change; empty if they may, or if it changes nothing."""
    needs = CHANGES.get(name, "-")
    if needs is not None and not options.get(needs):
        return ""
    thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    if may_decide(asker, f"discord:{thread.owner_id}" if thread else None):
        return ""
    return "This concerns everybody here, so it is for those who moderate this channel, or who opened this thread."


def _totals(totals: Totals) -> str:
    cost = "" if totals.cost_usd is None else f", {totals.cost_usd:.2f} USD where the price is known"
    return (
        f"In the last {USAGE_DAYS} days: {totals.turns} answers to you, {totals.input_tokens:,} tokens read"
        f" ({totals.cached_tokens:,} of them cached), {totals.output_tokens:,} written{cost}."
    )


def _key(interaction: discord.Interaction) -> ConversationKey:
    assert interaction.channel_id is not None
    return key(interaction.channel_id)


def _person(interaction: discord.Interaction) -> int:
    assert interaction.user is not None
    return interaction.user.id
