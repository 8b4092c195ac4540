"""The wire of it: tokens, versions, throttling, the page to sign in, and faults where a test wants them."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.loopback.azure import git, items, pipelines, planning, published
from tests.loopback.azure.answers import Answered, Request, as_json, problem
from tests.loopback.azure.world import World
from tests.loopback.http import Asked, Respond, Server, answer

ORGANIZATION = "acme"

HANDLERS = {**git.HANDLERS, **items.HANDLERS, **pipelines.HANDLERS, **planning.HANDLERS}

SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign In</title></head><body><form></form></body></html>"


@dataclass(frozen=True)
class Fault:
    """What comes in place of an answer; with ``after`` the request has had its effect all the same."""

    respond: Respond
    after: bool = False


def sign_in(status: str = "203 Non-Authoritative Information") -> Respond:
    """The page to sign in, or the way to it."""
    headers = {"location": "https://spsprodweu1.vssps.visualstudio.com/_signin"} if status.startswith("302") else {}
    return answer(SIGN_IN, status, close=False, content_type="text/html; charset=utf-8", **headers)


def throttled(seconds: int, says_when: bool = True) -> Respond:
    """With ``says_when`` by Retry-After, else only by when the limit is over."""
    headers = {"x_ratelimit_resource": "Core", "x_ratelimit_delay": "30", "x_ratelimit_remaining": "0"}
    headers["x_ratelimit_reset"] = str(int(time.time()) + seconds)
    headers |= {"retry_after": str(seconds)} if says_when else {}
    words = "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource 'Core'."
    return problem("429 Too Many Requests", words, **headers)


@dataclass
class AzureServer:
    world: World
    faults: list[Fault | None] = field(default_factory=list)
    """Used up one by one, by whatever is asked next, but not by asking whose a token is. None is no fault."""
    refused: list[str] = field(default_factory=list)
    """What of requests, and of answers to them, the published interface does not know."""

    async def __aenter__(self) -> Self:
        self._server = await Server(_Everything(self._respond)).__aenter__()
        self.world.url = self.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, traceback)

    @property
    def url(self) -> str:
        return f"{self._server.url}/{ORGANIZATION}"

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    def _respond(self) -> Respond:
        asked = self.asked[-1]  # the one that is being answered: nothing is awaited in between
        method, target, _ = asked.line.split(" ")
        parts = urlsplit(target)
        person = self.world.people.get(_token(asked))
        if parts.path == f"/{ORGANIZATION}/_apis/connectionData":
            return _who(self.world, person)
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.after:
            return fault.respond
        if person is None:
            return problem("401 Unauthorized", "TF400813: The user is not authorized to access this resource.")
        made = self._handle(method, parts.path, dict(parse_qsl(parts.query)), asked, person)
        return fault.respond if fault else made

    def _handle(self, method: str, path: str, query: dict[str, str], asked: Asked, person: str) -> Respond:
        body = json.loads(asked.body) if asked.body else None
        found = published.find(method, path)
        if found is None or not path.startswith(f"/{ORGANIZATION}/"):
            self.refused.append(f"{method} {path}")
            return problem("404 Not Found", "The controller for path was not found.")
        operation, inside = found
        if wrong := published.wrong(operation, query, body):
            self.refused.append(f"{operation.name}: {wrong}")
            return problem("400 Bad Request", f"The request is not as it is published: {wrong}")
        inside = {name: unquote(part) for name, part in inside.items()}
        if "project" in inside and inside["project"] not in self.world.projects:
            return problem("404 Not Found", f"TF200016: The following project does not exist: {inside['project']}.")
        made = HANDLERS[operation.name](Request(self.world, person, inside, query, body, asked.headers))
        if isinstance(made, Answered) and (unknown := published.unpublished(operation, made.data)):
            self.refused.append(f"{operation.name}: answers {sorted(unknown)}")
        return made


def _token(asked: Asked) -> str:
    try:
        return base64.b64decode(asked.headers.get("authorization", "").removeprefix("Basic ")).decode().lstrip(":")
    except ValueError:
        return ""


def _who(world: World, person: str | None) -> Respond:
    if person is None:
        return problem("401 Unauthorized", "TF400813: The user is not authorized to access this resource.")
    user: dict[str, Any] = {"id": f"id-of-{person}", "providerDisplayName": person.title(), "isActive": True}
    user["properties"] = {"Account": {"$type": "System.String", "$value": f"{person}@acme.example"}}
    return as_json({"authenticatedUser": user, "authorizedUser": user, "instanceId": "1"})


class _Everything(dict[str, Respond]):
    """Routes that are decided when they are asked for."""

    def __init__(self, respond: Callable[[], Respond]) -> None:
        super().__init__()
        self._respond = respond

    def get(self, path: str, default: Any = None) -> Respond:
        return self._respond()
