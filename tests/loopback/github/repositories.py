"""Repositories: what they are, making and forking them."""

import re
from dataclasses import dataclass, field

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page, refusal
from tests.loopback.github.world import Json, Repository, World
from tests.loopback.http import Respond


@dataclass
class Facts:
    """What is told of a repository."""

    about: Json = field(default_factory=dict)
    forks: list[str] = field(default_factory=list)


def route(world: World, request: Request) -> Respond | None:
    if (request.method, request.path) == ("GET", "/search/repositories"):
        found = [described(world, name) for name in world.repositories if request.query["q"] in name]
        return page(request, found, within="items")
    if request.method == "POST" and (into := re.fullmatch(r"/user/repos|/orgs/([^/]+)/repos", request.path)):
        return _made(world, f"{into[1] or request.login}/{request.body['name']}", request)
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/forks)?", request.path)
    if match is None:
        return None
    name, forks = match[1], match[2]
    if name not in world.repositories:
        return NOT_FOUND
    if not forks:
        return as_json(described(world, name))
    if request.method == "GET":
        newest = [described(world, each) for each in reversed(world.of(name, Facts).forks)]
        return page(request, newest)
    fork = f"{request.body.get('organization', request.login)}/{name.partition('/')[2]}"
    if fork not in world.repositories:
        add(world, fork, fork=True)
        world.of(name, Facts).forks.append(fork)
    return as_json(described(world, fork), "202 Accepted")


def add(world: World, name: str, **about: object) -> None:
    world.repositories[name] = Repository()
    world.of(name, Facts).about = {"created_at": world.time(), **about}


def brief(world: World, name: str) -> Json:
    """As other things tell of the repository that they are in."""
    told = ("id", "name", "full_name", "owner", "html_url", "private")
    return {key: value for key, value in described(world, name).items() if key in told}


def described(world: World, name: str) -> Json:
    owner, _, short = name.partition("/")
    private = bool(world.of(name, Facts).about.get("private"))
    return {
        "id": 1,
        "name": short,
        "full_name": name,
        "owner": world.user(owner),
        "html_url": f"https://github.com/{name}",
        "private": private,
        "visibility": "private" if private else "public",
        "default_branch": "main",
        "created_at": "2020-01-01T00:00:00Z",
    } | world.of(name, Facts).about


def _made(world: World, name: str, request: Request) -> Respond:
    if name in world.repositories:
        errors = [{"resource": "Repository", "field": "name", "message": "name already exists on this account"}]
        return refusal("422 Unprocessable Entity", "Repository creation failed.", errors)
    add(world, name, private=request.body["private"], description=request.body["description"] or None)
    return as_json(described(world, name), "201 Created")
