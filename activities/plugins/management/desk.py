"""Plugins of one person, as the tools for them reach them: whose they are is never left to a model."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from temporalio.client import Client

from activities.tools.tool import Context
from clara.errors import ToolFailed, UserError
from clara.messages import ConversationKey
from clara.plugins.plugin import Plugin
from clara.plugins.requests import PluginRequest
from clara.plugins.survey import Surveyed, named, survey
from store import plugins
from store.database import Pool

if TYPE_CHECKING:
    from activities.plugins.authorizing.logins import LoginStatus
    from activities.plugins.running.calls import RunningServer


class Running(Protocol):
    """What ``activities.plugins.running.Servers`` tells."""

    async def status(self) -> "list[RunningServer]": ...


class Logins(Protocol):
    """What ``activities.plugins.authorizing.Logins`` does."""

    def start(self, plugin: Plugin, user_id: str, conversation: ConversationKey | None = None) -> Awaitable[str]: ...

    def bring(self, plugin: Plugin, user_id: str, code_or_url: str) -> "Awaitable[str | None]": ...

    def status(self, plugin: Plugin, user_id: str) -> "Awaitable[LoginStatus]": ...


@dataclass(frozen=True)
class Desk:
    """``servers`` and ``logins`` are None in a worker that offers the tools and does not run them."""

    pool: Pool
    client: Client
    servers: Running | None = None
    logins: Logins | None = None

    async def survey(self, user_id: str) -> list[Surveyed]:
        found = await plugins.of_person(self.pool, user_id)
        return survey(found, await plugins.tools_of(self.pool, [each.id for each in found]))

    async def named(self, context: Context, name: str) -> Surveyed:
        """Of everybody's plugins and the person's own; ToolFailed for one that they do not have."""
        try:
            return named(await self.survey(context.user_id), name)
        except UserError as error:
            raise ToolFailed(str(error)) from error

    async def running(self, user_id: str) -> "Sequence[RunningServer]":
        """The servers that run in this worker for a person."""
        return [each for each in await self.servers.status() if each.user_id == user_id] if self.servers else []


def asked_by(context: Context, each: Surveyed) -> PluginRequest:
    return PluginRequest(plugin_id=each.plugin.id, user_id=context.user_id)
