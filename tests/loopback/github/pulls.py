"""Pull requests: opened, changed, merged at a commit, and shown as a diff and as files."""

import hashlib
import re
from dataclasses import dataclass, field

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond, answer

FILES: list[Json] = [
    {
        "sha": "9" * 40, "filename": "tide.py", "status": "modified", "additions": 2, "deletions": 1, "changes": 3,
        "patch": "@@ -1,2 +1,3 @@\n-off = 1\n+off = 0\n+<!-- a comment -->", "blob_url": "", "raw_url": "",
        "contents_url": "",
    },
    {
        "sha": "8" * 40, "filename": "docs/moon.png", "status": "renamed", "additions": 0, "deletions": 0, "changes": 0,
        "previous_filename": "moon.png", "blob_url": "", "raw_url": "", "contents_url": "",
    },
]  # fmt: skip
_ALONE = ("merged", "merged_by", "mergeable_state", "commits", "changed_files", "additions", "deletions")
"""What only one pull request that is asked for shows."""

DIFF = "diff --git a/tide.py b/tide.py\n@@ -1,2 +1,3 @@\n-off = 1\n+off = 0\u202e\n+<!-- a comment -->\n"


@dataclass
class Pulls:
    """Of one repository, by number: a pull request takes its number from the issues."""

    found: dict[int, Json] = field(default_factory=dict)


def route(world: World, request: Request) -> Respond | None:
    match = re.fullmatch(r"/repos/([^/]+/[^/]+)/pulls(?:/(\d+)(/merge|/files)?)?", request.path)
    if match is None:
        return None
    if match[1] not in world.repositories:
        return NOT_FOUND
    pulls = world.of(match[1], Pulls).found
    if match[2] is None:
        if request.method == "POST":
            return as_json(add(world, match[1], request.login, request.body), "201 Created")
        return _listed(pulls, request)
    pull = pulls.get(int(match[2]))
    if pull is None:
        return NOT_FOUND
    if match[3] == "/merge":
        return _merged(world, pull, request)
    if match[3] == "/files":
        return page(request, FILES)
    if request.headers["accept"].endswith(".diff"):
        return answer(DIFF.encode(), content_type="application/vnd.github.diff; charset=utf-8")
    if request.method == "PATCH":
        pull |= {key: to for key, to in request.body.items() if key in ("title", "body", "state")}
        pull["updated_at"] = world.time()
    return as_json(pull)


def add(world: World, name: str, by: str, sent: Json) -> Json:
    """A new pull request. Its head is a commit that its title stands for."""
    issue = world.add_issue(name, by, sent)
    owner = name.partition("/")[0]
    head = sent["head"] if ":" in sent["head"] else f"{owner}:{sent['head']}"
    shared = ("id", "number", "url", "html_url", "title", "body", "state", "user", "labels", "assignees")
    pull: Json = {
        **{key: issue[key] for key in (*shared, "created_at", "updated_at")},
        "html_url": f"https://github.com/{name}/pull/{issue['number']}",
        "draft": sent.get("draft", False),
        "head": {"label": head, "ref": head.partition(":")[2], "sha": head_of(sent["title"])},
        "base": {"label": f"{owner}:{sent['base']}", "ref": sent["base"], "sha": "b" * 40},
        "merged": False, "merged_at": None, "merged_by": None, "merge_commit_sha": None, "mergeable_state": "clean",
        "requested_reviewers": [world.user("bob")], "commits": 1, "changed_files": 2, "additions": 2, "deletions": 1,
    }  # fmt: skip
    world.of(name, Pulls).found[issue["number"]] = pull
    return pull


def head_of(title: str) -> str:
    return hashlib.sha1(title.encode()).hexdigest()


def _listed(pulls: dict[int, Json], request: Request) -> Respond:
    query = request.query
    newest_first = sorted(pulls.values(), key=lambda pull: -pull["number"])
    return page(
        request,
        [
            {key: value for key, value in pull.items() if key not in _ALONE}
            for pull in newest_first
            if query.get("state", "open") in ("all", pull["state"])
            and query.get("head", pull["head"]["label"]) == pull["head"]["label"]
            and query.get("base", pull["base"]["ref"]) == pull["base"]["ref"]
        ],
    )


def _merged(world: World, pull: Json, request: Request) -> Respond:
    if pull["state"] != "open":
        return refusal("405 Method Not Allowed", "Pull Request is not mergeable")
    if request.body.get("sha", pull["head"]["sha"]) != pull["head"]["sha"]:
        return refusal("409 Conflict", "Head branch was modified. Review and try the merge again.")
    pull |= {
        "state": "closed", "merged": True, "merged_at": world.time(), "merged_by": world.user(request.login),
        "merge_commit_sha": "c" * 40,
    }  # fmt: skip
    return as_json({"sha": "c" * 40, "merged": True, "message": "Pull Request successfully merged"})
