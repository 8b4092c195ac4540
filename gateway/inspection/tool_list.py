"""The catalogue of tools, as the model of one person could be offered it."""

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from rich.console import Console
from rich.table import Table

from activities.tools.offers import FIND_TOOLS, chosen
from activities.tools.tool import Tool
from clara.errors import UserError
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import Settings
from clara.tools.offer import BUDGET
from clara.tools.tool import Audience
from workers.bootstrap import assemble
from workers.roles import ROLES


@dataclass(frozen=True)
class Listed:
    """One tool. ``offered``: shown to the model at once; otherwise ``find_tools`` finds it."""

    tool: Tool[Any]
    toolset: str
    offered: bool

    @property
    def shown(self) -> str:
        if self.offered:
            return "always"
        return "not needed" if self.tool.name == FIND_TOOLS else "when found"

    @property
    def who(self) -> str:
        return "everyone" if self.tool.audience is Audience.EVERYONE else "administrators"


@dataclass(frozen=True)
class Catalogued:
    tools: Sequence[Listed]
    missing: Mapping[str, str]
    """What cannot be used now, and why."""


async def listed(settings: Settings, user: str | None) -> Catalogued:
    """All tools, by toolset and name, as an administrator of that id would have them."""
    person = user or f"cli:{settings.runtime.cli_user}"
    platform, _, name = person.partition(":")
    if not name:
        raise UserError(f"{person!r} is no id of a person; one looks like discord:1234 or cli:me.")
    message = Incoming(
        id="tools",
        conversation=ConversationKey(platform=platform, channel=f"{name}/tools"),
        user=Person(id=person, name=name),
        text="",
        sent_at=datetime.now(UTC),
        admin=True,
    )
    async with assemble(settings, ROLES) as parts:
        available = await parts.services.catalogue.available(message)
    offered = {tool.name for tool in chosen(available, ())}
    tools = [Listed(tool, available.toolset_of[name], name in offered) for name, tool in available.tools.items()]
    return Catalogued(sorted(tools, key=lambda each: (each.toolset, each.tool.name)), available.missing)


def named(catalogued: Catalogued, name: str) -> Listed:
    """UserError says which one may have been meant, or what is missing for it."""
    for each in catalogued.tools:
        if each.tool.name == name:
            return each
    if name in catalogued.missing:
        raise UserError(f"{name} cannot be used now: {catalogued.missing[name]}")
    near = get_close_matches(name, [each.tool.name for each in catalogued.tools], 1)
    raise UserError(f"There is no tool called {name!r}." + (f" Do you mean {near[0]}?" if near else ""))


def details(each: Listed) -> dict[str, Any]:
    """Everything that a tool declares."""
    tool = each.tool
    return {
        "name": tool.name,
        "toolset": each.toolset,
        "description": tool.description,
        "effect": tool.effect,
        "risk": tool.offered.risk,
        "who": each.who,
        "offered": each.offered,
        "provenance": tool.provenance,
        "timeout_s": tool.timeout.total_seconds(),
        "queue": tool.queue,
        "verified": tool.verify is not None,
        "tokens": tool.tokens,
        "parameters": tool.schema.parameters,
    }


def as_json(catalogued: Catalogued) -> dict[str, Any]:
    return {"tools": [details(each) for each in catalogued.tools], "missing": dict(catalogued.missing)}


def as_text(catalogued: Catalogued, columns: int | None) -> str:
    table = Table("TOOL", "SOURCE", "EFFECT", "RISK", "WHO", "SHOWN", box=None, pad_edge=False, header_style="")
    for each in catalogued.tools:
        tool = each.tool
        table.add_row(tool.name, each.toolset, tool.effect, tool.offered.risk, each.who, each.shown)
    console = Console(width=max(columns or 200, 40), color_system=None, soft_wrap=columns is None)
    with console.capture() as captured:
        console.print(table)
    tokens = sum(each.tool.tokens for each in catalogued.tools if each.offered)
    lines = [line.rstrip() for line in captured.get().rstrip().split("\n")]
    lines.append(f"{len(catalogued.tools)} tools; those that are always shown take {tokens:,} of {BUDGET:,} tokens.")
    of_reason: defaultdict[str, list[str]] = defaultdict(list)
    for name, why in catalogued.missing.items():
        of_reason[why].append(name)
    missing = [f"Missing: {', '.join(names)}: {why}" for why, names in of_reason.items()]
    lines += [textwrap.fill(line, columns, subsequent_indent="  ") if columns else line for line in missing]
    return "\n".join(lines)


def described(each: Listed) -> str:
    tool, known = each.tool, details(each)
    lines = [
        f"{tool.name}, of {each.toolset}",
        tool.description,
        f"Effect: {tool.effect}; risk: {known['risk']}; for {each.who}; words of: {tool.provenance}",
        f"Time limit: {known['timeout_s']:g} s; queue: {tool.queue}; {tool.tokens} tokens",
    ]
    if tool.verify:
        lines.append("A lost outcome is looked up.")
    for name, field in tool.schema.parameters.get("properties", {}).items():
        needed = "" if name in tool.schema.parameters.get("required", []) else " (optional)"
        lines.append(f"  {name}{needed}: {field.get('description', field.get('type', ''))}")
    return "\n".join(lines)
