"""Toolsets: the tools that a subject has for one person in one conversation, asked for when a turn begins.

Connected accounts and plugins differ by person and change, so a subject does not list its tools once and for all.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from activities.tools.tool import Tool
from clara.messages import Incoming


@dataclass(frozen=True)
class Offering:
    """What a toolset has for a person, and what it could have."""

    tools: Sequence[Tool[Any]]
    missing: Mapping[str, str] = field(default_factory=dict)
    """By the name of a tool that cannot be offered: what is missing, and what to do about it."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """By the name of a tool: the part of the toolset that it belongs to, where parts are offered each by itself."""


@dataclass(frozen=True)
class Toolset:
    """``offer`` is given the message that begins a turn: who asks, and where."""

    name: str
    offer: Callable[[Incoming], Awaitable[Offering]]
    core: bool = False
    """Its tools are always offered."""
    fixed: tuple[Tool[Any], ...] = ()
    """Those that are the same for everybody."""


def fixed(
    name: str, tools: Sequence[Tool[Any]], core: bool = False, missing: Mapping[str, str] | None = None
) -> Toolset:
    """The same tools for everybody."""
    found = tuple(tools)

    async def offer(message: Incoming) -> Offering:
        return Offering(found, missing or {})

    return Toolset(name, offer, core, found)
