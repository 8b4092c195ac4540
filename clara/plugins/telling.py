"""What people and models read about plugins: lists, what a plugin can do, and what a yes would switch on."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clara.plugins.hints import is_contained
from clara.plugins.plugin import ANYWHERE, Calls, Plugin, State
from clara.plugins.requests import Hit
from clara.plugins.survey import Standing, Surveyed
from clara.plugins.trust import difference
from clara.text import revealed
from clara.tools.tool import Risk

STATES: Mapping[State, str] = {
    "installing": "being installed",
    "ready": "installed, not enabled yet",
    "enabled": "on",
    "disabled": "off",
    "failed": "failed",
    "removing": "being removed",
}

NONE = "There are no plugins yet."

CHAT = "/clara mcp "
"""Before an action, in words that are kept for whoever reads them where."""

_TYPED = re.compile(rf"(?<![\w./-]){re.escape(CHAT)}")
"""Not the end of a path to the command ``clara``."""

BRIEF = 160
"""Characters of a description in a list."""

LISTED = 100
"""Tools of a plugin that a list shows."""

FULL = 600
"""Characters of a description where somebody is asked to say yes to it."""


def listed(surveyed: Sequence[Surveyed]) -> str:
    return "\n".join(map(_line, surveyed)) or NONE


def whose(each: Surveyed) -> str:
    return "everybody's" if each.is_everybodys else "yours"


def _line(each: Surveyed) -> str:
    parts = [whose(each), STATES[each.plugin.state]]
    if each.tools:
        on = len(each.on)
        parts.append(
            f"{on} of {_tools(len(each.tools))} on" if each.plugin.state == "enabled" else _tools(len(each.tools))
        )
    line = f"- {each.plugin.name} ({', '.join(parts)}), from {one_line(each.plugin.source)}"
    return f"{line}\n  {one_line(each.plugin.fault)}" if each.plugin.fault else line


def can_do(each: Surveyed, prefix: str) -> str:
    """What a plugin can do, for whoever decides about it, and how to decide where there is a ``prefix``."""
    lines = [f"{each.plugin.name} ({whose(each)}, {STATES[each.plugin.state]}), from {one_line(each.plugin.source)}"]
    if each.plugin.launch.version:
        lines.append(f"Pinned: {one_line(each.plugin.launch.version)}")
    lines.append(reach(each.plugin))
    if each.plugin.fault:
        lines.append(one_line(each.plugin.fault))
    lines += tools(each)
    if prefix and (each.waiting or each.plugin.state in ("ready", "disabled")):
        lines.append(f"To switch on what is listed here: {prefix}enable {each.plugin.name}")
    return "\n".join(lines)


def tools(each: Surveyed) -> list[str]:
    """A line for each tool, and more for one that waits for a yes."""
    if not each.tools:
        return ["It has no tools." if each.plugin.state not in ("installing", "failed") else "Its tools are not known."]
    lines = [f"{_tools(len(each.tools)).capitalize()}:"]
    for standing in each.tools[:LISTED]:
        lines += _tool(each.plugin, standing)
    if len(each.tools) > LISTED:
        lines.append(f"… and {len(each.tools) - LISTED} more")
    return lines


def _tool(plugin: Plugin, standing: Standing) -> list[str]:
    about = one_line(standing.tool.description, BRIEF)
    state = standing.nature.in_words
    if standing.off and (plugin.state == "enabled" or standing.unfit or standing.tool.approved is not None):
        state = f"off: {standing.off}" if standing.unfit else f"off: {standing.off}; {state}"
    lines = [
        f"- {standing.called} ({state}){f': {about}' if about else ''}",
        *(f"  ⚠ {each}" for each in standing.warnings),
    ]
    if standing.off and standing.tool.approved is not None and (changes := difference(standing.tool)):
        lines += [f"  {line}" for line in changes.splitlines()]
    elif standing.off and standing.warnings:
        lines += [f"  {line}" for line in revealed(standing.tool.description)[:FULL].splitlines()]
    return lines


def asked(each: Surveyed) -> str:
    """What the yes to a plugin is for, short enough for a question: what matters most comes first."""
    lines = [f"enable {each.plugin.name}, {whose(each)}, from {one_line(each.plugin.source)}", reach(each.plugin)]
    fit = [standing for standing in each.tools if not standing.unfit]
    for standing in (standing for standing in fit if standing.warnings):
        lines += [f"⚠ {standing.called}: {' '.join(standing.warnings)}"]
    for standing in fit:
        if standing.off and standing.tool.approved is not None:
            lines += [f"changed: {standing.called}", *difference(standing.tool).splitlines()]
    for title, group in _grouped(fit):
        lines.append(f"{title}: {', '.join(standing.called for standing in group)}")
    return "\n".join(lines)


def _grouped(found: Sequence[Standing]) -> list[tuple[str, list[Standing]]]:
    """By what happens when a model calls them."""
    free = [each for each in found if each.nature.risk is not Risk.OUTWARD]
    asking = [each for each in found if each.nature.risk is Risk.OUTWARD]
    titles = (("runs without asking", free), ("asks each person first", asking))
    return [(title, group) for title, group in titles if group]


def reach(plugin: Plugin) -> str:
    """What it can reach, whatever it says of itself."""
    launch = plugin.launch
    if is_contained(launch):
        return "It runs here, in a box of each person's own without a network."
    if launch.url:
        return f"It is a server at {one_line(launch.url)}: whoever runs it reads what it is given."
    if ANYWHERE in launch.hosts:
        return "It runs here, in a box, and may reach every public address."
    if launch.hosts:
        return f"It runs here, in a box, and may reach {one_line(', '.join(launch.hosts))}."
    return "Nothing of it is installed yet."


def not_yet(plugin: Plugin) -> str:
    """Why a plugin can be switched neither on nor off; empty where it can."""
    match plugin.state:
        case "installing":
            return f"{plugin.name} is still being installed."
        case "removing":
            return f"{plugin.name} is being removed."
        case "failed":
            return f"{plugin.name} cannot be used: {plugin.fault or 'it did not start'}"
    return ""


def matters(each: Surveyed, prefix: str) -> list[str]:
    """What keeps a plugin from being used, with what to do."""
    plugin, name = each.plugin, each.plugin.name
    if plugin.state == "failed":
        return [one_line(plugin.fault) if plugin.fault else f"it did not start; to try again: {prefix}refresh {name}"]
    if plugin.state == "ready":
        return [f"it is installed and not enabled: {prefix}enable {name}"]
    if plugin.state != "enabled":
        return []
    told = [one_line(plugin.fault)] if plugin.fault else []
    if not each.tools:
        told.append(f"it has no tools: {prefix}refresh {name}")
    waiting = [standing.called for standing in each.waiting]
    if waiting:
        told.append(f"{_tools(len(waiting))} wait{'s' if len(waiting) == 1 else ''} for a yes: {prefix}tools {name}")
    told += [f"{standing.called} cannot be used: {standing.unfit}" for standing in each.tools if standing.unfit]
    return told


def found(hits: Sequence[Hit]) -> str:
    """What a registry has, to be installed by what stands first in each line."""
    lines = []
    for hit in hits:
        marks = [
            *(["hosted"] if hit.remote else []),
            *(["verified"] if hit.verified else []),
            f"used {hit.uses:,} times",
        ]
        lines.append(f"- {one_line(hit.source)} ({', '.join(marks)}): {one_line(hit.title, 80)}")
        if hit.description:
            lines.append(f"  {one_line(hit.description)}")
    return "\n".join(lines) or "Nothing was found. Other words may find more."


def used(rows: Sequence[Calls]) -> str:
    """What was called in 30 days."""
    lines = []
    for each in rows:
        failed = f", {each.failures:,} failed" if each.failures else ""
        seconds = each.milliseconds / max(each.calls, 1) / 1000
        count = f"{each.calls:,} call{'' if each.calls == 1 else 's'}"
        lines.append(f"- {each.plugin}, {one_line(each.tool, 80)}: {count}{failed}, {seconds:.1f} s each")
    return "\n".join(lines) or "No plugin was called in 30 days."


def login(plugin: Plugin, state: str, begun: bool, since: datetime | None, until: datetime | None) -> str:
    match state:
        case "connected":
            when = f" since {since:%Y-%m-%d}" if since else ""
            renewed = f" The token at hand is good until {until:%Y-%m-%d %H:%M} UTC." if until else ""
            return f"You are connected to {plugin.name}{when}.{renewed}"
        case "lost":
            return f"{plugin.name} does not take your login any more. Please connect again."
    return f"You are not connected to {plugin.name}." + (" A login was begun and waits for you." if begun else "")


def where_to_type(plugin: Plugin) -> str:
    """Secrets are typed where no model and nobody else reads them."""
    names = ", ".join(plugin.launch.secrets) or "VARIABLE"
    ways = [f"{CHAT}set {plugin.name} {names}"]
    if not plugin.is_local:
        ways.append(f"{CHAT}oauth_set_token {plugin.name}")
    return (
        f"Never in a message. In a chat: {' or '.join(ways)}, which asks for the value where nobody else reads it. "
        f"At the terminal of whoever runs Clara: clara mcp set {plugin.name} {names}"
    )


def as_json(each: Surveyed) -> dict[str, Any]:
    plugin = each.plugin
    return {
        "id": plugin.id,
        "name": plugin.name,
        "owner": plugin.owner,
        "kind": plugin.kind,
        "source": plugin.source,
        "state": plugin.state,
        "fault": plugin.fault,
        "version": plugin.launch.version,
        "digest": plugin.launch.digest,
        "url": plugin.launch.url,
        "hosts": list(plugin.launch.hosts),
        "variables": list(plugin.launch.secrets),
        "installed_by": plugin.installed_by,
        "shown_as": each.mark,
        "tools": [
            {
                "name": standing.called,
                "tool": standing.tool.name,
                "description": standing.tool.description,
                "effect": standing.nature.effect,
                "risk": standing.nature.risk,
                "on": plugin.state == "enabled" and not standing.off,
                "off": standing.off,
                "warnings": list(standing.warnings),
            }
            for standing in each.tools
        ],
    }


def typed(text: str, prefix: str) -> str:
    """``text`` with what can be typed as it is typed where it is read: after ``prefix``."""
    return _TYPED.sub(lambda _: prefix, text)


def one_line(text: str, limit: int = 300) -> str:
    """Somebody else's words on one line, with what is hidden in them written out."""
    line = " ".join(revealed(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _tools(number: int) -> str:
    return f"{number} tool{'' if number == 1 else 's'}"
