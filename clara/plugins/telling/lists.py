"""Lists: what is installed, what a registry has, what was called."""

from collections.abc import Sequence

from clara.plugins.plugin import Calls
from clara.plugins.requests import Hit
from clara.plugins.survey import Surveyed
from clara.plugins.telling.words import STATES, one_line, tools_in_words, whose

NONE = "There are no plugins yet."


def listed(surveyed: Sequence[Surveyed]) -> str:
    return "\n".join(map(_line, surveyed)) or NONE


def _line(each: Surveyed) -> str:
    parts = [whose(each), STATES[each.plugin.state]]
    if each.tools:
        on = len(each.on)
        parts.append(
            f"{on} of {tools_in_words(len(each.tools))} on"
            if each.plugin.state == "enabled"
            else tools_in_words(len(each.tools))
        )
    line = f"- {each.plugin.name} ({', '.join(parts)}), from {one_line(each.plugin.source)}"
    return f"{line}\n  {one_line(each.plugin.fault)}" if each.plugin.fault else line


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
