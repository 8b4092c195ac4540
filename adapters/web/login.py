"""Where a browser comes back from a login. It is told apart from a trap by the person themselves.

Whoever begins a login can send its address to somebody else, whose account would then be theirs to use. So a page says
for whom the login is, and nothing is connected before that is confirmed.
"""

import asyncio
import re
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.web.entrance import Entrance
from adapters.web.pages import Pages
from clara.errors import StackFault

_STATE = re.compile(r"([0-9a-f]{32})\.[0-9a-f]{64}")
_CODE = re.compile(r"[!-~]{1,4096}")
BODY = 16 * 1024
BODY_S = 10.0


class LoginPages:
    def __init__(self, entrance: Entrance, pages: Pages) -> None:
        self._entrance = entrance
        self._pages = pages

    async def come_back(self, request: Request) -> Response:
        """A browser comes back, with a code or with a no."""
        answer = _answer(list(request.query_params.multi_items()))
        if answer is None:
            return self._pages.unknown_login()
        if "error" in answer:
            return await self._finish(answer)
        try:
            waiting = await (await self._entrance.door()).waiting_login(_id(answer))
        except StackFault:
            return self._pages.away()
        return self._pages.confirm(waiting, answer) if waiting else self._pages.unknown_login()

    async def decide(self, request: Request) -> Response:
        """The person has confirmed it, or not."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self._pages.unknown_login()
        fields = await _form(request)
        answer = _answer(fields or [])
        if fields is None or answer is None:
            return self._pages.unknown_login()
        if dict(fields).get("decision") != "yes":
            answer = {"state": answer["state"], "error": "access_denied"}
        return await self._finish(answer)

    async def _finish(self, answer: dict[str, str]) -> Response:
        try:
            outcome = await (await self._entrance.door()).finish_login(_id(answer), answer)
        except StackFault:
            return self._pages.away()
        return self._pages.outcome(outcome)


def _id(answer: dict[str, str]) -> str:
    return answer["state"].partition(".")[0]


def _answer(fields: list[tuple[str, str]]) -> dict[str, str] | None:
    """What belongs to an answer of OAuth, each once and in its form; None where it is none."""
    found = {name: value for name, value in fields if name in ("code", "state", "iss", "error")}
    if sum(name in found for name, _ in fields) != len(found) or not _STATE.fullmatch(found.get("state", "")):
        return None
    if not all(_CODE.fullmatch(value) for value in found.values()):
        return None
    return found if "code" in found or "error" in found else None


async def _form(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form; None for anything else, or more than such a form has."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY:
                    return None
        return parse_qsl(body.decode("ascii"), max_num_fields=10)
    except (TimeoutError, ClientDisconnect, ValueError):
        return None
