"""The wire of it: tokens, pages by Link, ETags, limits, and faults where a test wants them."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.loopback.github.world import Json, World
from tests.loopback.http import Asked, Respond, Server, answer


@dataclass(frozen=True)
class Fault:
    """What comes in place of an answer; with ``after`` the request has had its effect all the same."""

    respond: Respond
    after: bool = False


def as_json(data: Any, status: str = "200 OK", **headers: str) -> Respond:
    body = json.dumps(data).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
    return answer(body, status, content_type="application/json; charset=utf-8", close=False, etag=etag, **headers)


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


@dataclass
class GitHubServer:
    world: World
    faults: list[Fault] = field(default_factory=list)
    """Used up one by one, by whatever is asked next."""

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
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.after:
            return fault.respond
        token = asked.headers.get("authorization", "").removeprefix("token ").removeprefix("Bearer ")
        if token not in self.world.people:
            return refusal("401 Unauthorized", "Bad credentials")
        method, target, _ = asked.line.split(" ")
        parts = urlsplit(target)
        body = json.loads(asked.body) if asked.body else {}
        request = Request(method, parts.path, dict(parse_qsl(parts.query)), self.world.people[token], body)
        made = self._route(request)
        return fault.respond if fault else made

    def _route(self, request: Request) -> Respond:
        world = self.world
        if (request.method, request.path) == ("GET", "/search/issues"):
            found = [issue for repository in world.repositories.values() for issue in repository.issues]
            wanted = request.query["q"].lower()
            return self._page(request, [each for each in found if wanted in each["title"].lower()], search=True)
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)/issues(?:/(\d+)(/comments)?)?", request.path)
        if match is None or match[1] not in world.repositories:
            return NOT_FOUND
        name, number, comments = match[1], int(match[2] or 0), match[3]
        repository = world.repositories[name]
        if not number:
            if request.method == "POST":
                if not request.body.get("title"):
                    return refusal("422 Unprocessable Entity", "Validation Failed", [{"field": "title"}])
                return as_json(world.add_issue(name, request.login, request.body), "201 Created")
            return self._page(request, [each for each in reversed(repository.issues) if _fits(each, request.query)])
        if number > len(repository.issues):
            return NOT_FOUND
        issue = repository.issues[number - 1]
        if comments:
            if request.method == "POST":
                return as_json(world.add_comment(name, number, request.login, request.body["body"]), "201 Created")
            there = repository.comments.get(number, [])
            return self._page(request, [each for each in there if each["updated_at"] >= request.query.get("since", "")])
        if request.method == "PATCH":
            issue |= {key: to for key, to in request.body.items() if key in ("title", "body", "state")}
            issue["updated_at"] = world.time()
        return as_json(issue)

    def _page(self, request: Request, found: list[Json], search: bool = False) -> Respond:
        page, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 30)), 100)
        shown = found[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(found):
            following = urlencode(request.query | {"page": str(page + 1)})
            headers["link"] = f'<{self.url}{request.path}?{following}>; rel="next"'
        data = {"total_count": len(found), "incomplete_results": False, "items": shown} if search else shown
        return as_json(data, **headers)


def _fits(issue: Json, query: dict[str, str]) -> bool:
    labels = {label["name"] for label in issue["labels"]}
    return (
        query.get("state", "open") in ("all", issue["state"])
        and query.get("creator", issue["user"]["login"]) == issue["user"]["login"]
        and set(filter(None, query.get("labels", "").split(","))) <= labels
    )


class _Everything(dict[str, Respond]):
    """Routes that are decided when they are asked for."""

    def __init__(self, respond: Callable[[], Respond]) -> None:
        super().__init__()
        self._respond = respond

    def get(self, path: str, default: Any = None) -> Respond:
        return self._respond()
