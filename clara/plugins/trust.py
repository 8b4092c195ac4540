"""Which tools of a plugin are off, and why.

A tool is on once somebody has said yes to it as it was shown: its description, the schema of its arguments, its hints,
and whose tools have the same name. When any of that is different, it is off until somebody says yes to what is new.
"""

import difflib
import json
from collections.abc import Mapping
from typing import Any

from clara.plugins import schemas
from clara.plugins.names import alike
from clara.plugins.plugin import PluginTool
from clara.text import printable, revealed

DESCRIPTION_LIMIT = 8_000
"""Characters of what a tool says of itself; the longest of known servers say half of that."""

SHOWN_LIMIT = 4_000
"""Characters of a difference that are shown."""

BESIDE = "beside"
"""Key of what was approved: whose tools of the same name were shown with it."""

Taken = Mapping[str, str]
"""By ``alike`` names that others have already: whose these are, as people say it."""


def unfit(tool: PluginTool) -> str:
    """Why no model can be given the tool, whoever said yes to it; empty where one can."""
    if not tool.present:
        return "its server does not have it any more"
    if len(tool.description) > DESCRIPTION_LIMIT:
        return f"its description is longer than {DESCRIPTION_LIMIT:,} characters"
    return schemas.fault(tool.parameters) or ""


def why_off(tool: PluginTool, taken: Taken) -> str:
    """Why a tool is not offered, in words for whoever may say yes to it; empty where it is."""
    return fault(tool) or shadow(tool, taken)


def fault(tool: PluginTool) -> str:
    """Why it is off by itself, whatever others are called."""
    if why := unfit(tool):
        return why
    if tool.approved is None:
        return "nobody has said yes to it"
    if changed := [name for name, now in as_shown(tool).items() if tool.approved.get(name) != now]:
        return f"its {_listed(changed)} changed since somebody said yes to it"
    return ""


def shadow(tool: PluginTool, taken: Taken) -> str:
    """Why it is off beside others."""
    other = shadowed(tool, taken)
    return f"it has the name of {other}" if other and other not in (tool.approved or {}).get(BESIDE, ()) else ""


def shadowed(tool: PluginTool, taken: Taken) -> str:
    """Whose tool of the same name came before it; empty for nobody's."""
    return taken.get(alike(tool.name), "")


def hidden(tool: PluginTool) -> bool:
    """Whether it holds characters that nobody sees, in which words for a model can be hidden from people."""
    return any(_hides(text) for text in schemas.texts([tool.name, as_shown(tool)]))


def as_shown(tool: PluginTool) -> dict[str, Any]:
    """What a yes to a tool is for."""
    return {"description": tool.description, "parameters": dict(tool.parameters), "hints": dict(tool.hints)}


def warnings(tool: PluginTool, taken: Taken) -> list[str]:
    """What whoever is to say yes must see beside the description."""
    found = []
    if hidden(tool):
        found.append("It holds characters that nobody sees; where they are is written in square brackets.")
    if other := shadowed(tool, taken):
        found.append(f"It has the name of {other}.")
    return found


def difference(tool: PluginTool) -> str:
    """What changed since somebody said yes, line by line, with what is hidden written out; empty for nothing.

    Of a tool that nobody has said yes to it is what the server says of it.
    """
    if tool.approved is None:
        return revealed(tool.description)[:SHOWN_LIMIT]
    before, now = _lines(tool.approved), _lines(as_shown(tool))
    changes = difflib.unified_diff(before, now, lineterm="", n=1)
    lines = [line for line in changes if not line.startswith(("---", "+++", "@@"))]
    text = "\n".join(lines)
    left = len(text) - SHOWN_LIMIT
    return text if left <= 0 else f"{text[:SHOWN_LIMIT]}\n[{left:,} more characters]"


def _lines(shown: Mapping[str, Any]) -> list[str]:
    parts = [str(shown.get("description", ""))]
    parts += [
        f"{name}: {json.dumps(shown.get(name, {}), indent=1, sort_keys=True, ensure_ascii=False)}"
        for name in ("parameters", "hints")
    ]
    return [line for part in parts for line in revealed(part).splitlines()]


def _hides(text: str) -> bool:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return printable(plain) != plain


_WORDS = {"description": "description", "parameters": "arguments", "hints": "hints"}


def _listed(names: list[str]) -> str:
    words = [_WORDS[name] for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
