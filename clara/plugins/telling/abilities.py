"""What a plugin can do, for whoever decides about it, and what a yes to it is for."""

from collections.abc import Sequence

from clara.plugins.hints import is_contained
from clara.plugins.plugin import ANYWHERE, Plugin
from clara.plugins.survey import Standing, Surveyed
from clara.plugins.telling.words import STATES, one_line, tools_in_words, whose
from clara.plugins.trust import difference
from clara.text import revealed
from clara.tools.tool import Risk

BRIEF = 160
"""Characters of a description in a list."""

LISTED = 100
"""Tools of a plugin that a list shows."""

FULL = 600
"""Characters of a description where somebody is asked to say yes to it."""


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
    lines = [f"{tools_in_words(len(each.tools)).capitalize()}:"]
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
