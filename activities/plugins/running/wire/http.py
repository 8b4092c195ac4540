"""A server at an address: MCP over streamable HTTP, bounded and guarded as the web is. Loads the SDK."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from activities.http.faults import fault, fault_of_status
from activities.http.network import transport
from activities.plugins.running.wire.lines import LINES_PER_S, LONGEST, Pace
from activities.plugins.running.wire.link import Link
from activities.plugins.running.wire.scrubbing import Scrubber
from clara import __version__
from clara.errors import ClaraError, ToolFailed
from clara.files import size_in_words
from clara.plugins.plugin import Plugin
from clara.tools.tool import MAX_TIMEOUT

CONNECT_S = 10.0
SIZE_PER_S = 4 * 2**20
"""Of a stream of events, which goes on for as long as it likes."""

UNKNOWN = (401, 403)
EVENTS = "text/event-stream"

_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*")


@asynccontextmanager
async def remote(
    plugin: Plugin, values: Mapping[str, str], auth: httpx2.Auth | None, trusted: Collection[str]
) -> AsyncIterator[Link]:
    """A link to the server at ``launch.url``, with its secret ``values`` as headers."""
    launch = plugin.launch
    headers = {**launch.environment, **{name: values[name] for name in launch.secrets if name in values}}
    guarded = _Guarded(f"The plugin {plugin.name}", trusted)
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers.items()):
        raise ToolFailed(f"The headers of the plugin {plugin.name} cannot be sent: check their values.")
    client = httpx2.AsyncClient(
        transport=guarded,
        headers={"user-agent": f"Clara/{__version__}", **headers, "accept-encoding": "identity"},
        auth=auth,
        trust_env=False,
        follow_redirects=False,
        max_redirects=3,
        timeout=httpx2.Timeout(CONNECT_S, read=MAX_TIMEOUT.total_seconds()),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
    async with client:
        gone = asyncio.Event()
        yield Link(
            _told(launch.url, client, gone),
            Scrubber(values.values()),
            gone,
            fault=lambda: getattr(auth, "refused", None) or guarded.refused,
        )


@asynccontextmanager
async def _told(url: str, client: httpx2.AsyncClient, gone: asyncio.Event) -> AsyncIterator[Any]:
    async with streamable_http_client(url, http_client=client, max_sse_event_size=LONGEST) as (incoming, outgoing):
        yield _Incoming(incoming, gone), outgoing


class _Incoming:
    """A stream of the SDK that tells of its end."""

    def __init__(self, stream: Any, gone: asyncio.Event) -> None:
        self._stream = stream
        self._gone = gone

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> "_Incoming":
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except BaseException:
            self._gone.set()
            raise

    async def __aenter__(self) -> "_Incoming":
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *of_error: Any) -> bool | None:
        ended: bool | None = await self._stream.__aexit__(*of_error)
        return ended


class _Guarded(httpx2.AsyncBaseTransport):
    """Connects where plugins may, and bounds what comes. ``refused`` is what the server said no with last."""

    def __init__(self, who: str, trusted: Collection[str]) -> None:
        self._who = who
        self._inner = transport(trusted)
        self.refused: ClaraError | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise self.refuse(fault("garbled", self._who))
        # Not 405: it is how a server says that it has no stream of its own.
        if response.status_code in UNKNOWN:
            self.refused = ToolFailed(
                f"{self._who} does not know who you are, or does not let you in. Connect it (mcp_oauth_start, or in "
                "the chat /clara mcp oauth_start), or set its key anew (clara mcp set)."
            )
        elif response.status_code >= 400 and response.status_code != 405:
            self.refused = fault_of_status(response.status_code, response.headers, self._who)
        else:
            self.refused = None
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, self, kind == EVENTS)
        return response

    def refuse(self, error: ClaraError) -> ClaraError:
        """What is to be raised: the SDK would turn it into the end of the connection."""
        self.refused = error
        return error

    def too_much(self) -> ClaraError:
        return self.refuse(ToolFailed(f"{self._who} sent more than {size_in_words(LONGEST)}, which is too much."))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """Events come at a pace; anything else has a largest size."""

    def __init__(self, stream: httpx2.AsyncByteStream, guarded: _Guarded, events: bool) -> None:
        self._stream = stream
        self._guarded = guarded
        self._pace = Pace(SIZE_PER_S, LINES_PER_S) if events else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if self._pace is not None:
                await self._pace.take(len(piece), piece.count(b"\n\n"))
            elif size > LONGEST:
                raise self._guarded.too_much()
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
