"""Calling a tool of a plugin, in the name of the person whose turn it is."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from activities.plugins.offering.asking import Notify, asking
from activities.tools.tool import Context, Given, ToolOutput
from activities.tools.waiting import Waits
from clara.errors import ToolFailed, UserError
from clara.plugins.plugin import Plugin
from clara.text import printable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from store import plugins
from store.database import Pool

if TYPE_CHECKING:
    from activities.plugins.running.calls import CallResult, ElicitAnswer, Elicitation

log = logging.getLogger(__name__)

CALL_LIMIT = timedelta(minutes=2)
"""Of one call, once its server runs."""

START_LIMIT = timedelta(seconds=40)
"""Until its server runs, where it does not yet."""

SHOWN_LIMIT = 200
"""Characters of what a server says while it works."""

NOTHING = "It brought nothing."


class Calls(Protocol):
    """What ``activities.plugins.running.Servers`` does for a tool."""

    async def call(
        self,
        plugin: Plugin,
        user_id: str,
        tool: str,
        arguments: dict[str, Any],
        *,
        timeout: timedelta,
        progress: Callable[[str], Awaitable[None]] = ...,
        ask: "Callable[[Elicitation], Awaitable[ElicitAnswer]] | None" = ...,
    ) -> "CallResult": ...


def source_of(plugin: Plugin) -> str:
    """Whose words its results are, as people say it."""
    return f"the plugin {plugin.name}"


async def call(
    pool: Pool,
    servers: Calls,
    notify: Notify,
    plugin: Plugin,
    tool: str,
    effect: Effect,
    arguments: Given,
    context: Context,
) -> ToolOutput:
    """What the tool brought: other people's words.

    Raises ToolFailed where the server says that it did not do it, or never got the call of a write, Unavailable
    where it did not answer, Asks where it wants to know something of the person first.
    """
    # The pool of servers loads libraries that only a worker of plugins has use for.
    from activities.plugins.running.faults import NotAsked

    async def show(line: str) -> None:
        words = " ".join(printable(line).split())[:SHOWN_LIMIT]
        await context.show(f"the plugin {plugin.name}: {words}" if words else f"the plugin {plugin.name}")

    begun = time.monotonic()
    failed = True
    try:
        result = await servers.call(
            plugin, context.user_id, tool, arguments.root, timeout=CALL_LIMIT, progress=show,
            ask=asking(pool, notify, plugin, context),
        )  # fmt: skip
        failed = result.is_error
    except Waits:
        failed = False
        raise
    except NotAsked as error:
        if effect is Effect.WRITE:
            raise ToolFailed(f"{error} It was not done.") from error
        raise
    finally:
        await _count(pool, plugin, context.user_id, tool, failed, time.monotonic() - begun)
    text = result.text or (NOTHING if not result.files else "")
    if result.is_error:
        raise ToolFailed(text)
    return ToolOutput(text, result.files, Provenance.OTHERS, source_of(plugin))


async def _count(pool: Pool, plugin: Plugin, user_id: str, tool: str, failed: bool, seconds: float) -> None:
    """A call that was made stays made, whether or not it can be counted."""
    try:
        await plugins.count(pool, plugin.id, user_id, tool, failed, int(seconds * 1000))
    except psycopg.Error as error:
        log.warning("a call of the plugin %s was not counted: %s", plugin.name, type(error).__name__)


async def nobody_serves(*_: object) -> ToolOutput:
    """Where a turn is offered a tool and plugins are served elsewhere."""
    raise UserError("Plugins are run by another worker.")
