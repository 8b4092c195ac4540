"""Commits and branches."""

import difflib
import re
from urllib.parse import unquote

from tests.loopback.github.git import Commit, Git, blob, described
from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond


def route(world: World, request: Request) -> Respond | None:
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/(commits|branches|git/refs|git/ref)(?:/(.+))?", request.path)
    if match is None:
        return None
    name, kind, ref = match[1], match[2], unquote(match[3] or "")
    if name not in world.repositories:
        return NOT_FOUND
    git = world.of(name, Git)
    if kind == "branches":
        found = [
            {"name": each, "commit": {"sha": sha}, "protected": each == "main"}
            for each, sha in sorted(git.branches.items())
        ]
        return page(request, found)
    if kind == "commits":
        return _commit(world, name, ref) if ref else _list(world, name, request)
    if kind == "git/refs":
        branch = request.body["ref"].removeprefix("refs/heads/")
        if branch in git.branches:
            return refusal("422 Unprocessable Entity", "Reference already exists")
        git.branches[branch] = request.body["sha"]
        return as_json(_ref(branch, git), "201 Created")
    branch = ref.removeprefix("heads/")
    return as_json(_ref(branch, git)) if branch in git.branches else NOT_FOUND


def _ref(branch: str, git: Git) -> Json:
    return {"ref": f"refs/heads/{branch}", "object": {"type": "commit", "sha": git.branches[branch]}}


def _list(world: World, name: str, request: Request) -> Respond:
    git, query = world.of(name, Git), request.query
    if not git.commits:
        return refusal("409 Conflict", "Git Repository is empty.")
    history = git.history(query.get("sha", "HEAD"))
    if not history:
        return NOT_FOUND
    found = [
        described(world, name, commit)
        for commit in history
        if query.get("since", "") <= commit.at <= query.get("until", "~")
        and query.get("author", commit.by) == commit.by
        and ("path" not in query or _touches(git, commit, query["path"]))
    ]
    return page(request, found)


def _before(git: Git, commit: Commit) -> dict[str, bytes]:
    return git.commits[commit.parent].files if commit.parent else {}


def _touches(git: Git, commit: Commit, path: str) -> bool:
    return commit.files.get(path) != _before(git, commit).get(path)


def _commit(world: World, name: str, ref: str) -> Respond:
    git = world.of(name, Git)
    commit = git.find(ref)
    if commit is None:
        return refusal("422 Unprocessable Entity", f"No commit found for SHA: {ref}")
    before = _before(git, commit)
    files = [_change(path, before.get(path), commit.files.get(path)) for path in sorted({*before, *commit.files})]
    shown = [each for each in files if each]
    stats = {kind: sum(each[kind] for each in shown) for kind in ("additions", "deletions")}
    return as_json(described(world, name, commit) | {"files": shown, "stats": stats})


def _change(path: str, before: bytes | None, after: bytes | None) -> Json:
    """What became of a file; empty if nothing."""
    if before == after:
        return {}
    old, new = ((data or b"").decode("utf-8", "replace").splitlines() for data in (before, after))
    patch = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    return {
        "sha": blob(after or b""),
        "filename": path,
        "status": "added" if before is None else "removed" if after is None else "modified",
        "additions": sum(line.startswith("+") for line in patch),
        "deletions": sum(line.startswith("-") for line in patch),
        "patch": "\n".join(patch),
    }
