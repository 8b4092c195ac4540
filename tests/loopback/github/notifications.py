"""Notifications."""

import re
from dataclasses import dataclass, field

from tests.loopback.github import repositories
from tests.loopback.github.wire import NOT_FOUND, Request, nothing, page
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond


@dataclass
class Notifications:
    """Of a person, newest first."""

    threads: list[Json] = field(default_factory=list)


def route(world: World, request: Request) -> Respond | None:
    threads = world.of(request.login, Notifications).threads
    if one := re.fullmatch(r"/notifications/threads/(\d+)", request.path):
        found = [each for each in threads if each["id"] == one[1]]
        for each in found:
            each["unread"] = False
        return nothing("205 Reset Content") if found else NOT_FOUND
    of = re.fullmatch(r"(?:/repos/([^/]+/[^/]+))?/notifications", request.path)
    if of is None:
        return None
    found = [each for each in threads if of[1] in (None, each["repository"]["full_name"])]
    if request.method == "GET":
        return page(request, [each for each in found if each["unread"] or request.query.get("all") == "true"])
    for each in found:
        each["unread"] &= each["updated_at"] > request.body["last_read_at"]
    return nothing("205 Reset Content")


def add(world: World, login: str, name: str, title: str, kind: str = "Issue", number: int = 1) -> None:
    threads = world.of(login, Notifications).threads
    place = "pulls" if kind == "PullRequest" else "issues"
    threads.insert(
        0,
        {
            "id": str(len(threads) + 1),
            "repository": repositories.brief(world, name),
            "subject": {"title": title, "type": kind, "url": f"{world.url}/repos/{name}/{place}/{number}"},
            "reason": "mention",
            "unread": True,
            "updated_at": world.time(),
            "last_read_at": None,
        },
    )
