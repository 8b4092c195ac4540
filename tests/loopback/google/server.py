"""The wire of it: tokens, services by the ids of their methods, and faults where a test wants them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.loopback.google import described
from tests.loopback.google.described import Drifted, Json
from tests.loopback.http import Asked, Respond, Server, answer


@dataclass(frozen=True)
class Fault:
    """What comes in place of an answer; with ``after`` the request has had its effect all the same."""

    respond: Respond
    after: bool = False


@dataclass(frozen=True)
class Call:
    """A request that is as Google describes it."""

    who: str
    path: dict[str, str]
    query: dict[str, str]
    body: Json
    """The JSON of it; of an upload in one piece, its first part."""
    headers: Mapping[str, str]
    raw: bytes


Handler = Callable[[Call], Json | Respond | None]
"""Answers with an object, which is held against the description; with nothing; or as it likes."""


def as_json(data: Any, status: str = "200 OK", **headers: str) -> Respond:
    return answer(
        json.dumps(data).encode(), status, close=False, content_type="application/json; charset=UTF-8", **headers
    )


def refusal(status: str, reason: str, message: str = "No.", **headers: str) -> Respond:
    """``reason`` as Calendar and Drive say it; Sheets and Docs say theirs, in capitals, as details."""
    error: Json = {"code": int(status.split(" ")[0]), "message": message}
    if reason.isupper():
        details = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        error |= {"status": "PERMISSION_DENIED", "details": [details]}
    else:
        error["errors"] = [{"domain": "global", "reason": reason, "message": message}]
    return as_json({"error": error}, status, **headers)


UNAUTHORIZED = refusal("401 Unauthorized", "authError", "Invalid Credentials")
NOT_FOUND = refusal("404 Not Found", "notFound", "Not Found")


@dataclass
class GoogleServer:
    """``tokens`` are those that are good, and whose; ``handlers`` go by the id of a method: "calendar.events.list"."""

    tokens: dict[str, str]
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    pages: Mapping[str, Callable[[Asked], Respond]] = field(default_factory=dict)
    """What is no service: by path."""
    faults: list[Fault | None] = field(default_factory=list)
    """Used up one by one, by whatever service is asked next; None lets a request pass."""
    faults_of_writes: list[Fault] = field(default_factory=list)
    """The same, by what is asked to change something."""
    drifted: list[str] = field(default_factory=list)
    """What was asked or answered otherwise than Google describes it: at the end there must be nothing."""

    async def __aenter__(self) -> Self:
        self._server = await Server(_Everything(self._respond)).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, traceback)
        assert not self.drifted

    def begin(self, tokens: dict[str, str], handlers: Mapping[str, Handler]) -> None:
        """As if it were another one, at the same address."""
        self.tokens, self.handlers = tokens, handlers
        for each in (self.asked, self.faults, self.faults_of_writes, self.drifted):
            each.clear()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    def _respond(self) -> Respond:
        asked = self.asked[-1]  # the one that is being answered: nothing is awaited in between
        parts = urlsplit(asked.line.split(" ")[1])
        if parts.path in self.pages:
            return self.pages[parts.path](asked)
        due = self.faults if self.faults or asked.line.startswith("GET") else self.faults_of_writes
        fault = due.pop(0) if due else None
        if fault and not fault.after:
            return fault.respond
        try:
            made = self._answer(asked, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))
        except Drifted as drifted:
            self.drifted.append(str(drifted))
            made = answer(b"", "599 Drifted")
        return fault.respond if fault else made

    def _answer(self, asked: Asked, path: str, query: dict[str, str]) -> Respond:
        if "upload_id" in query:  # part of an upload that has begun; no description speaks of these
            who = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
            if who is None:
                return UNAUTHORIZED
            part = self.handlers["upload"](Call(who, {}, query, {}, asked.headers, asked.body))
            return as_json(part) if isinstance(part, dict) else part or NOT_FOUND
        found = described.find(asked.line.split(" ")[0], path)
        if found is None:
            raise Drifted(f"Google describes no {asked.line}")
        method, in_path = found
        body = _json(asked)
        method.check_request(in_path, query, body)
        who = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if who is None:
            return UNAUTHORIZED
        made = self.handlers[method.id](Call(who, in_path, query, body, asked.headers, asked.body))
        if made is None:
            return answer(b"", "204 No Content")
        if not isinstance(made, dict):
            return made
        method.check_answer(made)
        return as_json(made)


def _json(asked: Asked) -> Json:
    kind, body = asked.headers.get("content-type", ""), asked.body
    if kind.startswith("multipart/related"):
        boundary = kind.partition("boundary=")[2].strip('"').encode()
        body = body.split(b"--" + boundary)[1].partition(b"\n\n")[2]
    elif not kind.startswith("application/json"):
        return {}
    found = json.loads(body) if body.strip() else {}
    assert isinstance(found, dict)
    return found


class _Everything(dict[str, Respond]):
    """Routes that are decided when they are asked for."""

    def __init__(self, respond: Callable[[], Respond]) -> None:
        super().__init__()
        self._respond = respond

    def get(self, path: str, default: Any = None) -> Respond:
        return self._respond()
