"""All tools for plugins, as a turn is offered them."""

from activities.plugins.management import changing, connecting, looking
from activities.plugins.management.desk import Desk
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming
from clara.plugins.plugin import Plugin, PluginTool
from clara.plugins.survey import Surveyed, survey
from store import plugins

__all__ = ["Desk", "toolset"]

NAME = "mcp"


def toolset(desk: Desk) -> Toolset:
    for_all = (*looking.tools(desk), *connecting.tools(desk))
    fixed = (*for_all, *changing.tools(desk))
    shown = _Shown(desk)

    async def offer(message: Incoming) -> Offering:
        if not message.admin:
            return Offering(for_all)
        # What an administrator is asked about names the tools that the yes is for.
        return Offering((*for_all, *changing.tools(desk, await shown.to(message.user.id))))

    return Toolset(NAME, offer, fixed=fixed)


class _Shown:
    """The plugins of people, made again only where they have changed: turns ask at each of their steps."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, tuple[list[Plugin], list[Surveyed]]] = {}

    async def to(self, user_id: str) -> list[Surveyed]:
        found = await plugins.of_person(self._desk.pool, user_id)
        known = self._known.get(user_id)
        if known is None or known[0] != found:
            tools: list[PluginTool] = await plugins.tools_of(self._desk.pool, [each.id for each in found])
            if len(self._known) >= 100:
                self._known.clear()
            known = self._known[user_id] = (found, survey(found, tools))
        return known[1]
