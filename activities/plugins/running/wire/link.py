"""A way to a server, as its owner holds it: the transport that the SDK speaks over, and what is known of its end."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from activities.plugins.running.wire.scrubbing import Scrubber
from clara.errors import ClaraError


def _nothing() -> str:
    return ""


def _no_fault() -> ClaraError | None:
    return None


@dataclass
class Link:
    transport: AbstractAsyncContextManager[Any]
    """A ``mcp.client.Transport``."""
    scrubber: Scrubber
    """Of the secrets that the server was given."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once nothing comes any more."""
    said: Callable[[], str] = _nothing
    """What the server wrote last for people."""
    fault: Callable[[], ClaraError | None] = _no_fault
    """Why it has ended, or what it has refused with last, if that is known."""
