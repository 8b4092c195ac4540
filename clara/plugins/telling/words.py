"""Words that all of it is made of."""

import re
from collections.abc import Mapping

from clara.plugins.plugin import State
from clara.plugins.survey import Surveyed
from clara.text import revealed

STATES: Mapping[State, str] = {
    "installing": "being installed",
    "ready": "installed, not enabled yet",
    "enabled": "on",
    "disabled": "off",
    "failed": "failed",
    "removing": "being removed",
}

CHAT = "/clara mcp "
"""Before an action, in words that are kept for whoever reads them where."""

_TYPED = re.compile(rf"(?<![\w./-]){re.escape(CHAT)}")
"""Not the end of a path to the command ``clara``."""


def whose(each: Surveyed) -> str:
    return "everybody's" if each.is_everybodys else "yours"


def typed(text: str, prefix: str) -> str:
    """``text`` with what can be typed as it is typed where it is read: after ``prefix``."""
    return _TYPED.sub(lambda _: prefix, text)


def one_line(text: str, limit: int = 300) -> str:
    """Somebody else's words on one line, with what is hidden in them written out."""
    line = " ".join(revealed(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def tools_in_words(number: int) -> str:
    return f"{number} tool{'' if number == 1 else 's'}"
