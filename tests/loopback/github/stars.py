"""Stars."""

import re
from dataclasses import dataclass, field

from tests.loopback.github import repositories
from tests.loopback.github.wire import NOT_FOUND, Request, nothing, page
from tests.loopback.github.world import World
from tests.loopback.http import Respond


@dataclass
class Stars:
    """Of a person: names of repositories, newest last."""

    names: list[str] = field(default_factory=list)


def route(world: World, request: Request) -> Respond | None:
    if of := re.fullmatch(r"/user/starred|/users/([^/]+)/starred", request.path):
        names = world.of(of[1] or request.login, Stars).names
        return page(request, [repositories.brief(world, name) for name in reversed(names)])
    one = re.fullmatch(r"/user/starred/([^/]+/[^/]+)", request.path)
    if one is None:
        return None
    if one[1] not in world.repositories:
        return NOT_FOUND
    names = world.of(request.login, Stars).names
    if one[1] in names:
        names.remove(one[1])
    if request.method == "PUT":
        names.append(one[1])
    return nothing()
