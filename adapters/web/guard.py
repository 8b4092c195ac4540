"""What holds for every answer: known hosts only, headers that keep browsers on guard, a log without secrets."""

import logging
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.pages import POLICY, Pages

log = logging.getLogger(__name__)

_HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # an address may hold a code
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "interest-cohort=()",
    "cache-control": "no-store",
}
_HERE = ("127.0.0.1", "localhost", "::1")


class Guard:
    def __init__(self, app: ASGIApp, pages: Pages, own_address: str) -> None:
        self._app = app
        self._pages = pages
        self._hosts = frozenset((*_HERE, (urlsplit(own_address).hostname or "").lower()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun, status = time.monotonic(), 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message)
            await send(message)

        try:
            app = self._app if self._is_known(scope) else self._pages.wrong_host()
            await app(scope, receive, told)
        except Exception as error:
            # Its words may hold what was asked.
            log.error("%s %s broke: %s", scope["method"], _shown(scope), type(error).__name__)
            if not status:
                await self._pages.broken()(scope, receive, told)
        log.info("%s %s %d %.0f ms", scope["method"], _shown(scope), status, (time.monotonic() - begun) * 1000)

    def _is_known(self, scope: Scope) -> bool:
        """Whether the host is one of hers: a page of somebody else's may have its name point here."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1:
            return False
        try:
            return (urlsplit(f"//{named[0].decode('ascii')}").hostname or "").lower() in self._hosts
        except ValueError:
            return False


def _add_headers(message: MutableMapping[str, Any]) -> None:
    mine = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
    message["headers"] = [*message.get("headers", ()), *mine]


def _shown(scope: Scope) -> str:
    """The path, without its query."""
    path: str = scope["path"]
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in path[:100])
