"""What goes to a server and comes back from it, in Clara's own types."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from activities.tools.tool import File
from clara.plugins.plugin import PluginTool


@dataclass(frozen=True)
class CallResult:
    """What a tool brought. All of it is the server's own words."""

    text: str
    files: tuple[File, ...] = ()
    structured: Mapping[str, Any] | None = None
    """JSON that the server gave beside its text, or instead of it, in which case it is the text too."""
    is_error: bool = False
    """The server says that it did not do what it was asked for: ``text`` is its reason."""


@dataclass(frozen=True)
class Elicitation:
    """What a server wants to know of its person while a call runs."""

    message: str
    kind: Literal["form", "url"] = "form"
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON schema of a form: an object without nesting."""
    url: str = ""


@dataclass(frozen=True)
class ElicitAnswer:
    action: Literal["accept", "decline", "cancel"]
    content: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[Elicitation], Awaitable[ElicitAnswer]]
"""Asks the person. What it raises ends the call for whoever made it, after the server was told ``cancel``."""

Show = Callable[[str], Awaitable[None]]
"""Shows the person a line about what goes on."""


async def show_nobody(line: str) -> None:
    """Nobody is shown anything."""


@dataclass(frozen=True)
class Probed:
    """What a server says of itself: the server's own words."""

    name: str
    version: str
    instructions: str
    tools: Sequence[PluginTool]


@dataclass(frozen=True)
class RunningServer:
    plugin_id: str
    user_id: str
    generation: int
    state: Literal["starting", "running", "waiting"]
    """``waiting``: it failed, and is not started again before ``until``."""
    since: datetime
    calls: int = 0
    until: datetime | None = None
    fault: str = ""
    said: str = ""
    """Its last lines on stderr, and on stdout what is not MCP."""
