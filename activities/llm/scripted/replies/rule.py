"""A rule: what is said to what was heard, if it fits."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from activities.llm.scripted.request import Heard


@dataclass(frozen=True)
class Call:
    """A tool to use before answering."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


Rule = Callable[[Heard], str | Call | None]


def has(heard: Heard, pattern: str) -> bool:
    return re.search(pattern, heard.text, re.IGNORECASE) is not None


def missing(tool: str) -> str:
    return f"For that I would use the tool `{tool}`, but it is not offered here."
