"""Answers as GitHub gives them: JSON with ETags, pages by Link, refusals and limits."""

import hashlib
import json
import time
from asyncio import StreamWriter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.loopback.github.world import Json
from tests.loopback.http import Respond, answer


@dataclass(frozen=True)
class JsonAnswer:
    """An answer whose content is known, so that it can be checked."""

    data: Any
    status: str
    respond: Respond

    async def __call__(self, writer: StreamWriter) -> None:
        await self.respond(writer)


def as_json(data: Any, status: str = "200 OK", **headers: str) -> Respond:
    body = json.dumps(data).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
    kind = "application/json; charset=utf-8"
    return JsonAnswer(data, status, answer(body, status, content_type=kind, close=False, etag=etag, **headers))


def nothing(status: str = "204 No Content") -> Respond:
    """A yes without a word."""
    return JsonAnswer(None, status, answer(b"", status))


def refusal(status: str, message: str, errors: Any = None, **headers: str) -> Respond:
    problem: Json = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return as_json(problem | ({"errors": errors} if errors else {}), status, **headers)


def primary_limit(seconds: int) -> Respond:
    reset = str(int(time.time()) + seconds)
    return refusal(
        "403 Forbidden", "API rate limit exceeded for user ID 1.", x_ratelimit_remaining="0", x_ratelimit_reset=reset
    )


def secondary_limit(seconds: int) -> Respond:
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return refusal("403 Forbidden", words, retry_after=str(seconds))


NOT_FOUND = refusal("404 Not Found", "Not Found")


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    login: str
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    """Of the server."""


def page(request: Request, found: list[Json], within: str = "") -> Respond:
    """A page of a list, which stands ``within`` an object where GitHub does it so."""
    number, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 30)), 100)
    shown = found[(number - 1) * size : number * size]
    headers = {}
    if number * size < len(found):
        following = urlencode(request.query | {"page": str(number + 1)})
        headers["link"] = f'<{request.url}{request.path}?{following}>; rel="next"'
    return as_json({"total_count": len(found), within: shown} if within else shown, **headers)
