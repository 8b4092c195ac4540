"""Releases and tags."""

import re
from dataclasses import dataclass, field

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond


@dataclass
class Releases:
    """Of a repository, newest first."""

    releases: list[Json] = field(default_factory=list)


def route(world: World, request: Request) -> Respond | None:
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/(releases|releases/latest|tags)", request.path)
    if match is None:
        return None
    there = world.of(match[1], Releases).releases
    match match[2]:
        case "tags":
            return page(request, [{"name": each["tag_name"], "commit": {"sha": "5" * 40}} for each in there])
        case "releases":
            return page(request, there)
    out = [each for each in there if not each["draft"] and not each["prerelease"]]
    return as_json(out[0]) if out else NOT_FOUND


def add(world: World, name: str, tag: str, body: str, **told: object) -> None:
    made: Json = {
        "id": 1,
        "tag_name": tag,
        "name": f"Version {tag}",
        "body": body,
        "draft": False,
        "prerelease": False,
        "published_at": world.time(),
        "html_url": f"https://github.com/{name}/releases/tag/{tag}",
        "author": world.user("mallory"),
        "assets": [],
    }
    world.of(name, Releases).releases.insert(0, made | told)
