"""Trees, and a search in code."""

import re
from urllib.parse import unquote

from tests.loopback.github import repositories
from tests.loopback.github.git import Git, blob
from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond

TREE_LIMIT = 100_000
"""Entries."""


def route(world: World, request: Request) -> Respond | None:
    if (request.method, request.path) == ("GET", "/search/code"):
        return page(request, _found(world, request), within="items")
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/git/trees/([^/]+)", request.path)
    if match is None:
        return None
    commit = world.of(match[1], Git).find(unquote(match[2]))
    if commit is None:
        return NOT_FOUND
    entries: list[Json] = [
        {"path": path, "type": "blob", "mode": "100644", "sha": blob(data), "size": len(data)}
        for path, data in sorted(commit.files.items())
    ]
    folders = {path[: found.start()] for path in commit.files for found in re.finditer("/", path)}
    entries += [{"path": path, "type": "tree", "mode": "040000", "sha": "0" * 40} for path in sorted(folders)]
    entries.sort(key=lambda each: str(each["path"]))
    if not request.query.get("recursive"):
        entries = [each for each in entries if "/" not in each["path"]]
    shown = entries[:TREE_LIMIT]
    return as_json({"sha": commit.sha, "truncated": len(shown) < len(entries), "tree": shown})


def _found(world: World, request: Request) -> list[Json]:
    wanted, found = request.query["q"], []
    for name in world.repositories:
        commit = world.of(name, Git).find("HEAD")
        for path, data in sorted(commit.files.items()) if commit else []:
            text = data.decode("utf-8", "replace")
            if wanted in text:
                each: Json = {
                    "name": path.rpartition("/")[2],
                    "path": path,
                    "sha": blob(data),
                    "html_url": f"https://github.com/{name}/blob/{commit.sha if commit else ''}/{path}",
                    "repository": repositories.brief(world, name),
                }
                if "text-match" in request.headers["accept"]:
                    each["text_matches"] = [{"property": "content", "fragment": text[:200]}]
                found.append(each)
    return found
