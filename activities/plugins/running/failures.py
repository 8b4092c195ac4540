"""Servers that failed: started again at once after the first time, then ever later."""

import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from activities.plugins.needs_login import NeedsLogin
from activities.plugins.running.calls import RunningServer
from activities.plugins.running.faults import NotAsked, ServerFault
from clara.errors import ClaraError
from clara.plugins.plugin import Plugin

if TYPE_CHECKING:
    from activities.plugins.running.server import Server

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0

Key = tuple[str, str]
"""The plugin and the person."""


@dataclass(frozen=True)
class _Failed:
    count: int
    """In a row."""
    generation: int
    values: int
    until: float
    at: datetime
    fault: str
    said: str


class Failures:
    def __init__(self) -> None:
        self._failed: dict[Key, _Failed] = {}

    def note(self, server: "Server", error: ClaraError) -> None:
        """Have the next start wait, the longer the more have failed in a row."""
        if server.noted:
            return  # by another caller, who waited for the same
        server.noted = True
        if isinstance(error, NeedsLogin):
            return  # once the person has connected it, it is started at once
        key = (server.plugin.id, server.user_id)
        before = self._failed.get(key)
        count = (before.count if before and not server.succeeded else 0) + 1
        pause = min(LONGEST_PAUSE_S, 2.0 ** (count - 1)) * random.uniform(0.75, 1) if count > 1 else 0.0
        said = error.said if isinstance(error, ServerFault) else ""
        until = time.monotonic() + pause
        self._failed[key] = _Failed(
            count, server.plugin.generation, server.values, until, datetime.now(UTC), str(error), said
        )
        log.warning("the plugin %s of %s failed (%d): %s", *key, count, error)

    def check(self, plugin: Plugin, user_id: str, values: int) -> None:
        """Raises NotAsked while a server is not to be started."""
        failed = self._failed.get((plugin.id, user_id))
        if failed is None or failed.generation < plugin.generation or failed.values != values:
            return  # what was changed since may have mended it
        if (left := failed.until - time.monotonic()) > 0:
            raise NotAsked(
                f"The plugin {plugin.name} failed {failed.count} times and is started again in {left:.0f} s. "
                f"The last time: {failed.fault}",
                "waiting",
                timedelta(seconds=left),
                failed.said,
            )

    def forget(self, plugin_id: str, user_id: str | None = None) -> None:
        """It works again; None for everybody's servers of a plugin."""
        for key in [key for key in self._failed if key[0] == plugin_id and user_id in (None, key[1])]:
            del self._failed[key]

    def waiting(self) -> list[RunningServer]:
        found = []
        for (plugin_id, user_id), failed in self._failed.items():
            if (left := failed.until - time.monotonic()) > 0:
                until = datetime.now(UTC) + timedelta(seconds=left)
                found.append(
                    RunningServer(
                        plugin_id,
                        user_id,
                        failed.generation,
                        "waiting",
                        failed.at,
                        until=until,
                        fault=failed.fault,
                        said=failed.said,
                    )
                )
        return found
