"""Issues and their comments."""

import re

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond


def route(world: World, request: Request) -> Respond | None:
    if (request.method, request.path) == ("GET", "/search/issues"):
        there = [issue for repository in world.repositories.values() for issue in repository.issues]
        wanted = request.query["q"].lower()
        return page(request, [each for each in there if wanted in each["title"].lower()], within="items")
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/issues(?:/(\d+)(/comments)?)?", request.path)
    if match is None:
        return None
    name, number, comments = match[1], int(match[2] or 0), match[3]
    repository = world.repositories.get(name)
    if repository is None or number > len(repository.issues):
        return NOT_FOUND
    if not number:
        if request.method == "POST":
            if not request.body.get("title"):
                return refusal("422 Unprocessable Entity", "Validation Failed", [{"field": "title"}])
            return as_json(world.add_issue(name, request.login, request.body), "201 Created")
        return page(request, [each for each in reversed(repository.issues) if _fits(each, request.query)])
    issue = repository.issues[number - 1]
    if comments:
        if request.method == "POST":
            return as_json(world.add_comment(name, number, request.login, request.body["body"]), "201 Created")
        found = repository.comments.get(number, [])
        return page(request, [each for each in found if each["updated_at"] >= request.query.get("since", "")])
    if request.method == "PATCH":
        issue |= {key: to for key, to in request.body.items() if key in ("title", "body", "state")}
        issue["updated_at"] = world.time()
    return as_json(issue)


def _fits(issue: Json, query: dict[str, str]) -> bool:
    labels = {label["name"] for label in issue["labels"]}
    return (
        query.get("state", "open") in ("all", issue["state"])
        and query.get("creator", issue["user"]["login"]) == issue["user"]["login"]
        and set(filter(None, query.get("labels", "").split(","))) <= labels
    )
