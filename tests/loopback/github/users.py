"""People: oneself, and whom a search finds."""

from tests.loopback.github.wire import Request, as_json, page
from tests.loopback.github.world import World
from tests.loopback.http import Respond

STRANGERS = ("mallory", "malory-2")


def route(world: World, request: Request) -> Respond | None:
    match request.method, request.path:
        case "GET", "/user":
            about = {"name": request.login.capitalize(), "bio": "Sails.", "public_repos": 1, "followers": 2}
            return as_json(world.user(request.login) | about)
        case "GET", "/search/users":
            found = [each for each in (*world.people.values(), *STRANGERS) if request.query["q"] in each]
            return page(request, [world.user(each) for each in found], within="items")
    return None
