"""Who asks for something of plugins, where, and what they are answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapters.door import Door
from clara.errors import UserError
from clara.plugins.plugin import Plugin
from clara.plugins.requests import Address, PluginRequest
from clara.plugins.survey import Surveyed, named, survey
from clara.settings import Settings
from store import plugins


@dataclass(frozen=True)
class Asked:
    """``text`` is what was typed after the action, ``secret`` what was typed where nobody else reads it.

    ``prefix`` stands before an action where people type one: ``/clara mcp ``.
    """

    door: Door
    settings: Settings
    user_id: str
    admin: bool
    prefix: str
    text: str = ""
    secret: str = ""
    everybody: bool = False
    """What is set or installed is for all."""
    address: Address | None = None
    """Where the person is told later of what takes long; None for one who waits."""

    @property
    def words(self) -> list[str]:
        return self.text.split()

    async def survey(self) -> list[Surveyed]:
        found = await self.door.store(plugins.of_person, self.user_id)
        return survey(found, await self.door.store(plugins.tools_of, [each.id for each in found]))

    async def named(self) -> Surveyed:
        """The plugin that the first word names: everybody's, or the person's own."""
        return await self.find(self.words[0] if self.words else "")

    async def find(self, name: str) -> Surveyed:
        return named(await self.survey(), name)

    def request(self, plugin: Plugin) -> PluginRequest:
        return PluginRequest(plugin_id=plugin.id, user_id=self.user_id)

    def permit(self) -> None:
        """UserError where this person may not install plugins, or switch them on and off."""
        if not self.admin:
            raise UserError("For this you need the permission to manage channels here, or the administrators' role.")


@dataclass(frozen=True)
class Answer:
    """``text`` for people, ``data`` the same for programs."""

    text: str
    data: Any = None
    failed: bool = False
    """What was asked for did not come to be."""


Action = Callable[[Asked], Awaitable[Answer]]
