"""One server of one person: a task owns its connection from its start to its end. Loads the SDK.

The SDK's connections are bound to the task that opens them, so callers never open or close one: they call through it,
and when they are cancelled only their own call is, of which the SDK tells the server.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp.types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    REQUEST_TIMEOUT,
    Implementation,
    ToolListChangedNotification,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from activities.plugins.running.calls import (
    Ask,
    CallResult,
    Probed,
    Show,
)
from activities.plugins.running.faults import NotAsked, ServerFault, leaves, meaning
from activities.plugins.running.link import Link
from activities.plugins.running.listing import tools_of
from activities.plugins.running.progress import Progress
from activities.plugins.running.questions import Questions
from activities.plugins.running.results import result_of
from clara import __version__
from clara.errors import ClaraError, ToolFailed, Unavailable
from clara.plugins.plugin import Plugin, PluginTool
from temporal.processes.ending import end

log = logging.getLogger(__name__)
# What the SDK logs are messages of servers and their addresses, which may have secrets in them.
logging.getLogger("mcp").setLevel(logging.CRITICAL)
logging.getLogger("client").setLevel(logging.CRITICAL)

START_S = 30.0
STOP_S = 3.0
"""For a polite end; then the owner is cancelled, and its process killed."""

SIGN_S = 5.0
SETTLE_S = 1.0
"""Servers that say that their tools have changed say so several times."""

INSTRUCTIONS_LIMIT = 4_000
ERROR_LIMIT = 2_000

Connect = Callable[[], AbstractAsyncContextManager[Link]]
Record = Callable[[Sequence[PluginTool]], Awaitable[frozenset[str]]]
"""Keeps a server's tools, and returns the names of those that are not what was approved."""


class Server:
    """Starts at once; ``ready`` waits for it. ``ended`` once nothing of it runs any more."""

    def __init__(self, plugin: Plugin, user_id: str, connect: Connect, record: Record) -> None:
        self.plugin = plugin
        self.user_id = user_id
        self.since = datetime.now(UTC)
        self.used = time.monotonic()
        self.calls = 0
        self.in_flight = 0
        self.succeeded = False
        """Whether it has answered a call since it was started."""
        self.fault: ClaraError | None = None
        self.noted = False
        """Whether its failure was counted."""
        self._connect = connect
        self._record = record
        self._link: Link | None = None
        self._client: Client | None = None
        self._changed: frozenset[str] = frozenset()
        self._questions = Questions()
        self._ready: asyncio.Future[Probed] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self._news = asyncio.Event()
        self._doubt = asyncio.Event()
        self._task = asyncio.create_task(self._own(), name=f"plugin {plugin.name} ({plugin.id})")

    @property
    def who(self) -> str:
        return f"The plugin {self.plugin.name}"

    @property
    def said(self) -> str:
        return self._link.said() if self._link else ""

    @property
    def running(self) -> bool:
        return self._client is not None and not self._stop.is_set() and not self._link_is_gone()

    @property
    def ended(self) -> bool:
        return self._task.done()

    @property
    def leaving(self) -> bool:
        """Whether it takes no more calls."""
        return self._stop.is_set() or self._task.done() or self._link_is_gone()

    def _link_is_gone(self) -> bool:
        return self._link is not None and self._link.gone.is_set()

    async def ready(self) -> Probed:
        """Wait for its start. Raises what kept it from it: NotAsked, ToolFailed or Unavailable."""
        return await asyncio.shield(self._ready)

    def leave(self) -> None:
        self._stop.set()

    async def stop(self) -> None:
        """Returns when nothing of it runs any more, within 4 s where the machine lets it."""
        self._stop.set()
        await asyncio.wait([self._task], timeout=STOP_S)
        await end(self._task)

    async def call(
        self, tool: str, arguments: dict[str, Any], timeout: timedelta, show: Show, ask: Ask | None
    ) -> CallResult:
        """See ``Servers.call``; the server is ready."""
        if tool in self._changed:
            raise ToolFailed(
                f"{self.who} describes its tool {tool} in another way than when somebody said yes to it, so it is off "
                "until an administrator has looked at the difference and enabled the plugin again."
            )
        self.calls += 1
        self.in_flight += 1
        try:
            with self._questions.of_call(ask):
                result = self._scrubbed(await self._called(tool, arguments, timeout, Progress(show)))
        finally:
            self.in_flight -= 1
            self.used = time.monotonic()
        self.succeeded = True
        return result

    def _scrubbed(self, result: CallResult) -> CallResult:
        assert self._link is not None
        return self._link.scrubber.result(result)

    async def _called(self, tool: str, arguments: dict[str, Any], timeout: timedelta, progress: Progress) -> CallResult:
        assert self._client is not None
        seconds = timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return result_of(await self._client.call_tool(tool, arguments, seconds + 1, progress))
        except TimeoutError:
            self._doubt.set()
            raise self._fault(f"did not answer within {seconds:g} s", "timeout") from None
        except MCPError as error:
            return self._refused(error)
        except ClaraError:
            raise
        except Exception as error:
            raise self._broken(error) from None

    def _refused(self, error: MCPError) -> CallResult:
        """What an error of the protocol is: the server's own answer, or the end of the connection."""
        refused = self._link.fault() if self._link else None
        if error.code == CONNECTION_CLOSED:
            self.leave()
            raise refused or self._fault("ended while it worked on the call", "ended") from None
        if error.code == REQUEST_TIMEOUT:
            self._doubt.set()
            raise self._fault("did not answer in time", "timeout") from None
        if error.code == INVALID_REQUEST and error.message == "Session terminated":
            self.leave()
            raise NotAsked(f"{self.who} has forgotten the session; it has to be started again.", "session") from None
        if error.code == INTERNAL_ERROR and refused is not None:
            raise refused from None  # by a status of HTTP
        asked = error.data.get("elicitations") if isinstance(error.data, dict) else None
        where = [each.get("url", "") for each in asked if isinstance(each, dict)] if isinstance(asked, list) else []
        text = "\n".join([f"Error {error.code}: {error.message}", *(str(url) for url in where)])
        return CallResult(text[:ERROR_LIMIT], is_error=True)

    def _broken(self, error: Exception) -> ClaraError:
        if isinstance(error, ValidationError):
            return self._fault("answered with something that is not MCP", "garbled")
        if (known := meaning(error, self.who)) is not None:
            return known
        log.error("a call of the plugin %s broke", self.plugin.id, exc_info=error)
        return self._fault("answered with something that cannot be understood", "garbled")

    def _fault(self, what: str, kind: str) -> ServerFault:
        return ServerFault(f"{self.who} {what}.", kind, said=self.said)

    async def _own(self) -> None:
        try:
            async with self._connect() as link:
                self._link = link
                await self._serve(link)
        except BaseException as error:
            self._failed(error)
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._client = None
            if not self._ready.done():
                self._ready.set_exception(NotAsked(f"{self.who} was stopped.", "stopped"))
            self._ready.exception()  # also where nobody waits for it

    async def _serve(self, link: Link) -> None:
        client = Client(
            link.transport,
            read_timeout_seconds=START_S,
            elicitation_callback=self._questions.elicited,
            message_handler=self._heard,
            client_info=Implementation(name="clara", version=__version__),
            cache=None,
        )
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(START_S):
                await stack.enter_async_context(client)
                # The SDK would check results by the server's own patterns, which may take for ever, in this thread.
                client.session.validate_tool_result = _unchecked  # type: ignore[method-assign]
                tools = await tools_of(client, self.plugin)
                self._changed = await self._record(tools)
            self._client = client
            self._ready.set_result(_probed(client, tools))
            await self._go_on(client, link)

    async def _go_on(self, client: Client, link: Link) -> None:
        """Until it is to stop, or is gone."""
        listening = asyncio.create_task(self._listen(client), name=f"listening to the plugin {self.plugin.id}")
        try:
            await self._look_after(client, link)
        finally:
            await end(listening)

    async def _listen(self, client: Client) -> None:
        """Since 2026-07-28 servers tell of changes only who asked to be told."""
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            return
        try:
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._news.set()
        except (MCPError, SubscriptionLost, TimeoutError):
            log.info("the plugin %s does not tell of changes of its tools", self.plugin.id)

    async def _look_after(self, client: Client, link: Link) -> None:
        while not self._stop.is_set() and not link.gone.is_set():
            await _first(self._stop, link.gone, self._news, self._doubt)
            if self._news.is_set() and not self._stop.is_set():
                await asyncio.sleep(SETTLE_S)
                self._news.clear()
                self._changed = await self._record(await tools_of(client, self.plugin))
            if self._doubt.is_set() and not self._stop.is_set():
                self._doubt.clear()
                if not await self._is_alive(client):
                    log.warning("the plugin %s gives no sign of life and is ended", self.plugin.id)
                    self._stop.set()

    async def _is_alive(self, client: Client) -> bool:
        try:
            async with asyncio.timeout(SIGN_S):
                await client.list_tools()
        except TimeoutError:
            return False
        except MCPError as error:
            return error.code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT)
        return True

    def _failed(self, error: BaseException) -> None:
        """Note why it ended; who waits for its start is told."""
        known = next((each for each in leaves(error) if isinstance(each, ClaraError)), None)
        if known is None and isinstance(error, TimeoutError):
            known = self._fault(f"did not start within {START_S:g} s", "timeout")
        if known is None and self._link is not None:
            known = self._link.fault()
        known = known or meaning(error, self.who)
        if known is None and not isinstance(error, asyncio.CancelledError):
            known = self._fault("did not start as a server of MCP does", "garbled")
            log.warning("the plugin %s broke: %s", self.plugin.id, type(error).__name__, exc_info=error)
        self.fault = known
        if known is None or self._ready.done():
            return
        if isinstance(known, Unavailable):
            known = NotAsked(str(known), known.kind, known.retry_after, said=self.said)
        self._ready.set_exception(known)

    async def _heard(self, message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._news.set()


async def _unchecked(name: str, result: Any) -> None:
    """Nothing is checked."""


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _probed(client: Client, tools: Sequence[PluginTool]) -> Probed:
    about = client.server_info
    name, version = (about.name, about.version) if about else ("", "")
    return Probed(name[:200], version[:100], (client.instructions or "")[:INSTRUCTIONS_LIMIT], tools)
