"""Installing plugins, and switching them on and off: for administrators, and asked about each time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.plugins.management.desk import Desk, asked_by
from activities.plugins.management.looking import Named, told
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed, UserError
from clara.plugins import telling
from clara.plugins.requests import Address, InstallRequest, PluginOutcome
from clara.plugins.survey import Surveyed, named
from clara.tools.provenance import Provenance
from clara.tools.tool import Audience, Effect, Risk
from store import plugins
from temporal import queues
from temporal.starting import plugins as asking

INSTALL_LIMIT = timedelta(minutes=4)
"""The turn waits so long; what takes longer is told when it is done."""

WORK_LIMIT = timedelta(minutes=2)
SPARE = timedelta(seconds=20)


class Install(Arguments):
    source: str = Field(
        min_length=1,
        max_length=1_000,
        description="as the person gave it: smithery:NAME, smithery-hosted:@OWNER/NAME, an npm package, "
        "github.com/OWNER/REPOSITORY, or an https address",
    )
    everybody: bool = Field(False, description="for everybody, only where the person says so")
    name: str = Field("", max_length=32, description="what to call it, where the person says so")
    hosts: tuple[str, ...] = Field(
        (), max_length=20, description="what a server that runs here may reach, as the person says: names, or * for all"
    )


class Enable(Named):
    shown_as: str = Field(description="of the tools, as mcp_tools or mcp_install showed them last")


@dataclass(frozen=True)
class _Changing:
    """``seen`` are the plugins of the person who is asked."""

    desk: Desk
    seen: Sequence[Surveyed] = ()

    async def install(self, asked: Install, context: Context) -> ToolOutput:
        request = InstallRequest(
            key=context.key, user_id=context.user_id, admin=context.message.admin, everybody=asked.everybody,
            source=asked.source, name=asked.name, hosts=asked.hosts,
        )  # fmt: skip
        id = await asking.install(self.desk.client, request)
        await context.show(f"installing {telling.one_line(asked.source, 100)}")
        done = await asking.outcome(self.desk.client, id, INSTALL_LIMIT)
        if done is None:
            message = context.message
            address = Address(to=message.conversation, reply_to=message.reply_to)
            if await asking.announce(self.desk.client, id, address):
                return told("It is still being installed. The person is told here when it is done.")
            done = await asking.outcome(self.desk.client, id, SPARE)
        return await self.result(context, id, done)

    async def result(self, context: Context, id: str, done: PluginOutcome | None) -> ToolOutput:
        if done is None:
            raise ToolFailed("It is still going on. mcp_status tells how far it is.")
        if done.state == "gone":
            raise ToolFailed(f"{done.sentence or 'It is not there any more.'} Nothing is left of it.")
        each = await self.desk.named(context, id)
        text = telling.can_do(each, telling.CHAT)
        if done.said:
            text += f"\nIts server wrote: {telling.one_line(done.said)}"
        return told(f"{text}\n(shown_as: {each.mark})", each.plugin.name)

    async def uninstall(self, asked: Named, context: Context) -> str:
        each = await self.desk.named(context, asked.name)
        done = await asking.remove(self.desk.client, asked_by(context, each), WORK_LIMIT)
        if done is None or done.state != "gone":
            raise ToolFailed(done.sentence if done else "It is still being removed. mcp_status tells when it is gone.")
        return f"{each.plugin.name} is uninstalled. Nothing of it is left."

    async def enable(self, asked: Enable, context: Context) -> str:
        each = await self.desk.named(context, asked.name)
        if each.mark != asked.shown_as:
            raise ToolFailed(
                f"The tools of {each.plugin.name} are no longer those that were shown, so it was not enabled. "
                "Look with mcp_tools, show the person what is different, and ask again."
            )
        if why := telling.not_yet(each.plugin):
            raise ToolFailed(why)
        tools = [standing.tool for standing in each.tools]
        if not await plugins.enable(self.desk.pool, each.plugin.id, tools, each.beside):
            raise ToolFailed("It was changed or removed meanwhile. mcp_list shows what there is.")
        return f"{each.plugin.name} is on. Its tools can be used from the next message on."

    async def disable(self, asked: Named, context: Context) -> str:
        each = await self.desk.named(context, asked.name)
        if why := telling.not_yet(each.plugin):
            raise ToolFailed(why)
        await plugins.change(self.desk.pool, each.plugin.id, state="disabled")
        return f"{each.plugin.name} is off. It stays installed."

    async def restart(self, asked: Named, context: Context) -> str:
        each = await self.desk.named(context, asked.name)
        await plugins.change(self.desk.pool, each.plugin.id)
        return f"The servers of {each.plugin.name} are ended. They start again with the next call."

    async def refresh(self, asked: Named, context: Context) -> ToolOutput:
        each = await self.desk.named(context, asked.name)
        done = await asking.refresh(self.desk.client, asked_by(context, each), WORK_LIMIT)
        return await self.result(context, each.plugin.id, done)

    def shown(self, asked: Enable) -> str:
        try:
            each = named(self.seen, asked.name)
        except UserError as error:
            return str(error)
        if each.mark != asked.shown_as:
            return f"{each.plugin.name}: its tools are no longer those that were shown, so this will be refused"
        return telling.asked(each)


def _view(verb: str) -> Callable[[Named], str]:
    return lambda asked: f"{verb} the plugin {telling.one_line(asked.name, 100)}"


def tools(desk: Desk, seen: Sequence[Surveyed] = ()) -> tuple[Tool[Any], ...]:
    """``seen`` are the plugins of the person who is asked."""
    do = _Changing(desk, seen)
    admin: dict[str, Any] = {
        "effect": Effect.IDEMPOTENT,
        "risk": Risk.ADMIN,
        "audience": Audience.ADMINS,
        "queue": queues.PLUGINS,
    }
    others = {**admin, "provenance": Provenance.OTHERS}
    lasting = WORK_LIMIT + SPARE
    return (
        Tool(
            "mcp_install",
            "Install an MCP server (a plugin). It is not used before somebody enables it: show what it can do.",
            Install,
            do.install,
            timeout=INSTALL_LIMIT + 2 * SPARE,
            view=_installing,
            **others,
        ),
        Tool("mcp_uninstall", "Remove a plugin and all that is kept of it.", Named, do.uninstall, timeout=lasting,
             view=_view("uninstall"), **admin),
        Tool("mcp_enable", "Switch a plugin on, with the tools that were shown.", Enable, do.enable,
             view=do.shown, **admin),
        Tool("mcp_disable", "Switch a plugin off without removing it.", Named, do.disable,
             view=_view("disable"), **admin),
        Tool("mcp_restart", "End the servers of a plugin, so that they start anew.", Named, do.restart,
             view=_view("restart"), **admin),
        Tool("mcp_refresh", "Ask a plugin anew which tools it has.", Named, do.refresh, timeout=lasting,
             view=_view("look again at"), **others),
    )  # fmt: skip


def _installing(asked: Install) -> str:
    whom = "for everybody" if asked.everybody else "for you"
    hosts = f", which may reach {telling.one_line(', '.join(asked.hosts))}" if asked.hosts else ""
    name = f" as {telling.one_line(asked.name, 40)}" if asked.name else ""
    return f"install {telling.one_line(asked.source)}{name} {whom}{hosts}"
