"""The wire of it: tokens, and faults where a test wants them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.loopback.github import (
    actions,
    code,
    commits,
    contents,
    described,
    gists,
    issues,
    notifications,
    projects,
    pulls,
    releases,
    repositories,
    stars,
    users,
)
from tests.loopback.github.wire import NOT_FOUND, JsonAnswer, Request, refusal
from tests.loopback.github.world import World
from tests.loopback.http import Asked, Respond, Server

TOPICS = (
    *(users.route, repositories.route, contents.route, commits.route, code.route, issues.route),
    *(pulls.route, actions.route, projects.route, releases.route, gists.route, notifications.route, stars.route),
)


@dataclass(frozen=True)
class Fault:
    """What comes in place of an answer; with ``after`` the request has had its effect all the same."""

    respond: Respond
    after: bool = False
    at_change: bool = False
    """It waits for a request that changes something."""


def changes(asked: Asked) -> bool:
    """Whether something was to change."""
    method, path, _ = asked.line.split(" ")
    if path.endswith("/graphql"):
        return str(json.loads(asked.body)["query"]).lstrip().startswith("mutation")
    return method != "GET"


@dataclass
class GitHubServer:
    world: World
    faults: list[Fault] = field(default_factory=list)
    """Used up one by one, by whatever is asked next."""
    wrong: list[str] = field(default_factory=list)
    """What of requests and answers is not as GitHub describes it."""

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
        return self._server.url

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    def _respond(self) -> Respond:
        asked = self.asked[-1]  # the one that is being answered: nothing is awaited in between
        ready = bool(self.faults) and (changes(asked) or not self.faults[0].at_change)
        fault = self.faults.pop(0) if ready else None
        if fault and not fault.after:
            return fault.respond
        token = asked.headers.get("authorization", "").removeprefix("token ").removeprefix("Bearer ")
        if token not in self.world.people:
            return refusal("401 Unauthorized", "Bad credentials")
        method, target, _ = asked.line.split(" ")
        parts = urlsplit(target)
        body = json.loads(asked.body) if asked.body else {}
        request = Request(
            method, parts.path, dict(parse_qsl(parts.query)), self.world.people[token], body, asked.headers, self.url
        )
        made = self._route(request)
        self._check(request, made)
        return fault.respond if fault else made

    def _check(self, request: Request, made: Respond) -> None:
        if request.path.endswith("/graphql"):
            return
        route = described.route_of(request.method, request.path)
        if route is None:
            self.wrong.append(f"{request.method} {request.path} is not described")
        elif not isinstance(made, JsonAnswer):
            self.wrong += route.wrong_request(request.query, request.body)
        elif made.status.startswith("2"):
            self.wrong += route.wrong_request(request.query, request.body)
            self.wrong += route.wrong_answer(made.status.partition(" ")[0], made.data)

    def _route(self, request: Request) -> Respond:
        for route in TOPICS:
            if (found := route(self.world, request)) is not None:
                return found
        return NOT_FOUND


class _Everything(dict[str, Respond]):
    """Routes that are decided when they are asked for."""

    def __init__(self, respond: Callable[[], Respond]) -> None:
        super().__init__()
        self._respond = respond

    def get(self, path: str, default: Any = None) -> Respond:
        return self._respond()
