"""When Clara answers in a channel: set there, inherited by its threads, in force at once."""

from typing import Any

from adapters.door import Door
from clara.attention import DEFAULT_MODE, Mode
from store import discord as store


class Modes:
    """The store's modes, held in memory: this process is the only one that changes them."""

    def __init__(self, door: Door, known: list[store.Channel]) -> None:
        self._door = door
        self._modes = {channel.id: channel.mode for channel in known if channel.mode is not None}

    def of(self, channel: Any) -> Mode:
        """The mode of a channel; a thread without its own has that of the channel it hangs on."""
        own = self._modes.get(channel.id)
        return own or self._modes.get(getattr(channel, "parent_id", None) or 0) or DEFAULT_MODE

    async def set(self, channel_id: int, guild_id: int, mode: Mode) -> None:
        await self._door.store(store.set_mode, channel_id, guild_id, mode)
        self._modes[channel_id] = mode
