"""Gists."""

import re
from dataclasses import dataclass, field

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, nothing, page, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond

SHOWN = 1_000_000
"""Characters of a file."""


@dataclass
class Gists:
    """All there are, by id. The files of one are texts by name."""

    by_id: dict[str, Json] = field(default_factory=dict)


def route(world: World, request: Request) -> Respond | None:
    gists = world.of("", Gists).by_id
    if of := re.fullmatch(r"/gists|/users/([^/]+)/gists", request.path):
        if request.method == "POST":
            return as_json(_described(world, add(world, request.login, request.body)), "201 Created")
        whose, since = of[1] or request.login, request.query.get("since", "")
        found = [each for each in gists.values() if each["by"] == whose and each["updated_at"] >= since]
        seen = [each for each in found if each["public"] or whose == request.login]
        return page(request, [_described(world, each, whole=False) for each in reversed(seen)])
    one = re.fullmatch(r"/gists/([0-9a-f]+)", request.path)
    if one is None:
        return None
    gist = gists.get(one[1])
    if gist is None or (request.method != "GET" and gist["by"] != request.login):
        return NOT_FOUND
    if request.method == "DELETE":
        del gists[one[1]]
        return nothing()
    if request.method == "PATCH":
        return _changed(world, gist, request.body)
    return as_json(_described(world, gist))


def add(world: World, by: str, sent: Json) -> Json:
    gists = world.of("", Gists).by_id
    files = {name: each["content"] for name, each in sent["files"].items()}
    told = {"description": sent.get("description") or None, "public": sent.get("public", False)}
    made = world.time()
    gist: Json = {"id": f"{len(gists) + 0xA0:020x}", "by": by, "created_at": made, "updated_at": made, "files": files}
    gists[gist["id"]] = gist | told
    return gists[gist["id"]]


def _changed(world: World, gist: Json, sent: Json) -> Respond:
    for name, change in sent.get("files", {}).items():
        if change is None and name not in gist["files"]:
            return refusal("422 Unprocessable Entity", "Validation Failed", [{"field": "files", "code": "missing"}])
        if change is None:
            del gist["files"][name]
        else:
            gist["files"][name] = change["content"]
    gist["description"] = sent.get("description", gist["description"])
    gist["updated_at"] = world.time()
    return as_json(_described(world, gist))


def _described(world: World, gist: Json, whole: bool = True) -> Json:
    files = {name: {"filename": name, "size": len(text.encode())} for name, text in gist["files"].items()}
    if whole:
        for name, text in gist["files"].items():
            files[name] |= {"content": text[:SHOWN], "truncated": len(text) > SHOWN}
    told = {key: gist[key] for key in ("id", "description", "public", "created_at", "updated_at")}
    page_ = f"https://gist.github.com/{gist['by']}/{gist['id']}"
    return told | {"html_url": page_, "owner": world.user(gist["by"]), "files": files}
