"""Files and folders, written with the version that they replace."""

import base64
import re
from urllib.parse import unquote

from tests.loopback.github.git import Git, blob
from tests.loopback.github.wire import NOT_FOUND, Request, as_json, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond, answer

INLINE = 1_000_000
"""Bytes. A larger file comes raw or not at all."""


def route(world: World, request: Request) -> Respond | None:
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/contents/(.*)", request.path)
    if match is None:
        return None
    name, path = match[1], unquote(match[2])
    if name not in world.repositories:
        return NOT_FOUND
    if request.method != "GET":
        return _changed(world, name, path, request)
    commit = world.of(name, Git).find(request.query.get("ref", "HEAD"))
    if commit is None:
        return NOT_FOUND
    if path in commit.files:
        data = commit.files[path]
        if "raw" in request.headers["accept"]:
            return answer(data, content_type="application/vnd.github.raw+json; charset=utf-8")
        return as_json(_file(name, path, data, whole=True))
    folder = f"{path}/" if path else ""
    within = {each.removeprefix(folder) for each in commit.files if each.startswith(folder)}
    if not within:
        return NOT_FOUND
    files = [each for each in within if "/" not in each]
    folders = {each.partition("/")[0] for each in within if "/" in each}
    shown: list[Json] = [_file(name, folder + each, commit.files[folder + each]) for each in files]
    shown += [{"type": "dir", "name": each, "path": folder + each, "size": 0, "sha": "0" * 40} for each in folders]
    return as_json(sorted(shown, key=lambda each: str(each["path"])))


def _file(name: str, path: str, data: bytes, whole: bool = False) -> Json:
    found: Json = {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "size": len(data),
        "sha": blob(data),
        "html_url": f"https://github.com/{name}/blob/main/{path}",
    }
    if not whole:
        return found
    inline = len(data) <= INLINE
    content = base64.encodebytes(data).decode() if inline else ""
    return found | {"encoding": "base64" if inline else "none", "content": content}


def _changed(world: World, name: str, path: str, request: Request) -> Respond:
    git, branch = world.of(name, Git), request.body.get("branch", "main")
    if branch not in git.branches and git.commits:
        return refusal("404 Not Found", f"Branch {branch} not found")
    commit = git.find(branch)
    there = commit.files.get(path) if commit else None
    if there is None and request.method == "DELETE":
        return NOT_FOUND
    if there is not None and "sha" not in request.body:
        return refusal("422 Unprocessable Entity", 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if request.body.get("sha") != (blob(there) if there is not None else None):
        return refusal("409 Conflict", f"{path} does not match {request.body.get('sha')}")
    data = base64.b64decode(request.body["content"]) if request.method == "PUT" else None
    made = git.commit(world, branch, request.login, request.body["message"], {path: data})
    told: Json = {"commit": {"sha": made.sha, "html_url": f"https://github.com/{name}/commit/{made.sha}"}}
    told["content"] = None if data is None else _file(name, path, data)
    return as_json(told, "201 Created" if request.method == "PUT" and there is None else "200 OK")
