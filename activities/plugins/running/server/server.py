"""One server of one person, as whoever calls it sees it. Loads the SDK."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.plugins.running.calls import Ask, CallResult, Probed, Show
from activities.plugins.running.messages.progress import Progress
from activities.plugins.running.messages.questions import Questions
from activities.plugins.running.server import calling
from activities.plugins.running.server.connection import Connect, Connection, Record
from clara.errors import ClaraError, ToolFailed
from clara.plugins.plugin import Plugin


class Server:
    """Starts at once; ``ready`` waits for it. ``ended`` once nothing of it runs any more."""

    def __init__(self, plugin: Plugin, user_id: str, connect: Connect, record: Record, values: int) -> None:
        self.plugin = plugin
        self.user_id = user_id
        self.values = values
        """The same for the same secret values."""
        self.since = datetime.now(UTC)
        self.used = time.monotonic()
        self.calls = 0
        self.in_flight = 0
        self.succeeded = False
        """Whether it has answered a call since it was started."""
        self.noted = False
        """Whether its failure was counted."""
        self._questions = Questions()
        self._connection = Connection(plugin, connect, record, self._questions)

    @property
    def said(self) -> str:
        return self._connection.said

    @property
    def fault(self) -> ClaraError | None:
        """Why it ended, where it did not end well."""
        return self._connection.failed_with

    @property
    def running(self) -> bool:
        return self._connection.running

    @property
    def ended(self) -> bool:
        return self._connection.ended

    @property
    def leaving(self) -> bool:
        """Whether it takes no more calls."""
        return self._connection.leaving

    async def ready(self) -> Probed:
        """Wait for its start. Raises what kept it from it: NotAsked, ToolFailed or Unavailable."""
        return await self._connection.ready()

    async def stop(self) -> None:
        """Returns when nothing of it runs any more, within 4 s where the machine lets it."""
        await self._connection.stop()

    async def call(
        self, tool: str, arguments: dict[str, Any], timeout: timedelta, show: Show, ask: Ask | None
    ) -> CallResult:
        """See ``Servers.call``; the server is ready."""
        if tool in self._connection.changed:
            raise ToolFailed(
                f"{self._connection.who} describes its tool {tool} in another way than when somebody said yes to it, "
                "so it is off until an administrator has looked at the difference and enabled the plugin again."
            )
        self.calls += 1
        self.in_flight += 1
        try:
            with self._questions.of_call(ask):
                said = await calling.call(self._connection, tool, arguments, timeout, Progress(show))
        finally:
            self.in_flight -= 1
            self.used = time.monotonic()
        self.succeeded = True
        assert self._connection.link is not None
        return self._connection.link.scrubber.result(said)
