"""The client for whatever tools and integrations fetch: bounded in time and size, and never sent inside.

A URL may come from a model or a page, so redirects are followed by hand: each address is checked
(``activities.http.network``), and what was meant for one origin is not shown to another.
"""

import asyncio
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2

from activities.http.faults import TooLarge, fault, fault_of_status, sorted_faults
from activities.http.network import Resolve, look_up, origin_of, transport
from clara import __version__
from clara.errors import ToolFailed
from clara.files import size_in_words

ERROR_BYTES = 64 * 1024
"""That are read of the body of an answer that is no success, which is a sentence or a web page."""

_MOVED = (301, 302, 303, 307, 308)
_SHOWN_TO_OTHERS = ("accept", "accept-language", "user-agent")
"""Headers that go along to another origin; any other may be a credential."""

_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    total_s: float = 30.0
    """From the question to the last byte of the answer, with all redirects."""
    size: int = 5 * 2**20
    """Bytes of the answer's body, unpacked."""
    media_types: tuple[str, ...] = ()
    """What a successful answer may be: ``application/json``, ``text/*``; anything if empty."""
    redirects: int = 5
    """That are followed; with none, an answer that redirects is an answer."""
    verbatim: bool = False
    """A redirect is followed to the same origin only, and never by another method."""


@dataclass(frozen=True)
class Response:
    """``body`` is whole for a success, and the beginning of it for any other status."""

    who: str
    url: str
    """Of the last request, after redirects."""
    status: int
    headers: httpx2.Headers
    body: bytes

    @property
    def media_type(self) -> str:
        return _media_type(self.headers)

    @property
    def text(self) -> str:
        """The body in the charset that it declares, else UTF-8; what does not fit becomes U+FFFD."""
        declared = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return self.body.decode(declared[1] if declared else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; Unavailable if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise fault("garbled", self.who) from None

    def check(self) -> "Response":
        """Itself if it is a success; Unavailable or ToolFailed otherwise."""
        if 200 <= self.status < 300:
            return self
        raise fault_of_status(self.status, self.headers, self.who)


class Client:
    """``who`` is how errors call the service ("GitHub"). ``trusted`` URLs may be inside: see ``network.transport``.

    One for each service and process; it keeps connections and must be closed.
    """

    def __init__(
        self, who: str, limits: Limits = Limits(), trusted: Collection[str] = (), resolve: Resolve = look_up
    ) -> None:
        self._who = who
        self._limits = limits
        self._http = httpx2.AsyncClient(
            transport=transport(trusted, resolve),
            trust_env=False,  # proxies of the environment would connect to where they like
            follow_redirects=False,
            timeout=None,  # the total counts
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # those for one person are not another's
            headers={"user-agent": f"Clara/{__version__}"},
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        limits: Limits | None = None,
    ) -> Response:
        """Ask, and read the whole answer, whatever its status; ``body`` is sent as JSON, bytes as they are.

        Raises Unavailable for faults that pass and ToolFailed for those that do not: an address that is not
        public, an answer that is too large or of another type, too many redirects.
        """
        limits = limits or self._limits
        with sorted_faults(self._who):
            async with asyncio.timeout(limits.total_s):
                request = self._request(method, url, headers, params, body)
                for _ in range(limits.redirects + 1):
                    answer = await self._send(request, limits)
                    if not limits.redirects or answer.status not in _MOVED or "location" not in answer.headers:
                        return answer
                    request = self._redirected(request, answer, limits)
        raise ToolFailed(f"{self._who} redirects more than {limits.redirects} times.")

    def _request(
        self, method: str, url: str, headers: Any = None, params: Any = None, body: Any = None
    ) -> httpx2.Request:
        content = body if isinstance(body, bytes) else None
        try:
            made = self._http.build_request(
                method, url, headers=headers, params=params, content=content, json=body if content is None else None
            )
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise ToolFailed("That is not a URL.") from None
        if made.url.scheme not in ("http", "https") or not made.url.host or made.url.userinfo:
            raise ToolFailed("The URL must begin with https:// or http:// and a host, without a name or password.")
        if made.url.port is not None and not 0 < made.url.port < 65536:
            raise ToolFailed("The URL has a port that does not exist.")
        return made

    async def _send(self, request: httpx2.Request, limits: Limits) -> Response:
        response = await self._http.send(request, stream=True)
        try:
            is_success = response.is_success
            if is_success:
                self._check(response, limits)
            body = bytearray()
            async for piece in response.aiter_bytes():  # unpacked in bounded pieces
                body += piece
                if is_success and len(body) > limits.size:
                    raise self._too_large(limits)
                if not is_success and len(body) >= ERROR_BYTES:
                    del body[ERROR_BYTES:]
                    break
            return Response(self._who, str(request.url), response.status_code, response.headers, bytes(body))
        finally:
            await response.aclose()

    def _check(self, response: httpx2.Response, limits: Limits) -> None:
        found = _media_type(response.headers)
        if limits.media_types and not any(map(partial(_fits, found), limits.media_types)):
            kinds = ", ".join(limits.media_types)
            raise ToolFailed(f"{self._who} sent something else than was asked for, which is {kinds}.")
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > limits.size:
            raise self._too_large(limits)

    def _too_large(self, limits: Limits) -> TooLarge:
        return TooLarge(f"{self._who} sent more than {size_in_words(limits.size)}, which is too much.")

    def _redirected(self, request: httpx2.Request, answer: Response, limits: Limits) -> httpx2.Request:
        """The request to where an answer points, with what may be shown there."""
        try:
            url = request.url.join(answer.headers["location"])
            elsewhere = _origin(url) != _origin(request.url)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise fault("garbled", self._who) from None
        method, content = request.method, request.content
        if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
            method, content = "HEAD" if method == "HEAD" else "GET", b""
        if limits.verbatim and (elsewhere or method != request.method):
            raise fault("redirect", self._who)
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        if elsewhere:
            if content:
                raise fault("redirect", self._who)  # a body may hold a key
            headers = {name: value for name, value in headers.items() if name in _SHOWN_TO_OTHERS}
        if not content:
            headers.pop("content-type", None)
        return self._request(method, str(url), headers, body=content or None)

    async def close(self) -> None:
        await self._http.aclose()


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    """ValueError for a port that does not exist."""
    return url.scheme, *origin_of(str(url))


def _media_type(headers: httpx2.Headers) -> str:
    return str(headers.get("content-type", "")).partition(";")[0].strip().lower()


def _fits(found: str, allowed: str) -> bool:
    return found == allowed or (allowed.endswith("/*") and found.startswith(allowed[:-1]))
