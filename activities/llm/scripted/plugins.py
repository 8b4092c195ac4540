"""What the scripted stand-in does with plugins: install one, list them, enable one, call a tool by its name."""

import json
import re
from typing import Any

from activities.llm.scripted.request import Heard

_INSTALL = re.compile(
    r"\binstall (?:the |an? )?(?P<named>(?:mcp server|plugin) )?(?:from )?"
    r"(?P<source>smithery(?:-hosted)?:\S+|@[\w.~-]+/\S+|(?:https?://)\S+|github\.com/\S+|(?(named)\S+|(?!)))",
    re.IGNORECASE,
)
_ENABLE = re.compile(r"\benable (?:the )?(?:mcp server |plugin )?([a-z0-9][a-z0-9-]*)\s*$", re.IGNORECASE)
_LIST = re.compile(r"\b(list|show|which|what)\b.{0,20}\b(plugins|mcp servers)\b", re.IGNORECASE)
_CALL = re.compile(r"\b(?:call|use) (?:the tool )?(?P<tool>[\w-]+__[\w-]+)\s*(?P<arguments>\{.*\})?", re.DOTALL)
_SHOWN_AS = re.compile(r"\(shown_as: (\w+)\)")

Wish = tuple[str, dict[str, Any]]
"""A tool, and its arguments."""


def wish(heard: Heard) -> Wish | None:
    """What the person asks for of plugins."""
    if found := _INSTALL.search(heard.text):
        return "mcp_install", {"source": found["source"].rstrip(".,;!?")}
    if found := _ENABLE.search(heard.text):
        return "mcp_tools", {"name": found[1].lower()}
    if found := _CALL.search(heard.text):
        try:
            arguments = json.loads(found["arguments"] or "{}")
        except ValueError:
            return None
        return found["tool"], arguments
    return ("mcp_list", {}) if _LIST.search(heard.text) else None


def goes_on(heard: Heard) -> Wish | None:
    """What follows on what a tool has shown: a plugin is enabled as it was shown."""
    found = _ENABLE.search(heard.text)
    shown = _SHOWN_AS.search(heard.results[-1].text) if heard.results else None
    if not found or not shown or heard.results[-1].name != "mcp_tools":
        return None
    return "mcp_enable", {"name": found[1].lower(), "shown_as": shown[1]}
