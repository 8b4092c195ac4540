"""Repositories, branches, commits, files and pull requests."""

from collections.abc import Callable
from typing import Any

from tests.loopback.azure.answers import Request, as_json, continued, listed, missing, problem, skipped
from tests.loopback.azure.world import Json, Repository
from tests.loopback.http import Respond

REPOSITORIES = "/{organization}/{project}/_apis/git/repositories"
ONE = f"{REPOSITORIES}/{{repositoryId}}"
REQUESTS = f"{ONE}/pullrequests"
THREADS = f"{ONE}/pullRequests/{{pullRequestId}}/threads"

InRepository = Callable[[Request, Repository], Respond]


def _in(handler: InRepository) -> Callable[[Request], Respond]:
    def handle(request: Request) -> Respond:
        repository = request.repository
        return handler(request, repository) if repository else missing("The Git repository")

    return handle


def _shown(request: Request, name: str, repository: Repository) -> Json:
    default = next(iter(repository.branches), None)
    project = request.inside["project"]
    return {
        "id": f"id-of-{name}",
        "name": name,
        "project": {"name": project},
        "size": 2048,
        "remoteUrl": f"{request.world.url}/{project}/_git/{name}",
        "webUrl": f"{request.world.url}/{project}/_git/{name}",
        "isDisabled": False,
        **({"defaultBranch": f"refs/heads/{default}"} if default else {}),
    }


def _repositories(request: Request) -> Respond:
    return listed([_shown(request, name, each) for name, each in request.project.repositories.items()])


def _refs(request: Request, repository: Repository) -> Respond:
    wanted, part = request.query.get("filter", ""), request.query.get("filterContains", "")
    found = [
        {"name": f"refs/heads/{name}", "objectId": commit, "creator": request.world.person("ann")}
        for name, commit in sorted(repository.branches.items())
        if f"heads/{name}".startswith(wanted) and part in name
    ]
    return continued(found, request.query.get("continuationToken"), request.query.get("$top"))


def _update_refs(request: Request, repository: Repository) -> Respond:
    (asked,) = request.body
    name = asked["name"].removeprefix("refs/heads/")
    status = "succeeded"
    if repository.branches.get(name, "0" * 40) != asked["oldObjectId"]:
        status = "staleOldObjectId"
    elif not any(each["commitId"] == asked["newObjectId"] for each in repository.commits):
        status = "unresolvableToCommit"
    else:
        repository.branches[name] = asked["newObjectId"]
    return listed([{**asked, "success": status == "succeeded", "updateStatus": status}])


def _commits(request: Request, repository: Repository) -> Respond:
    author = request.query.get("searchCriteria.author", "")
    found = [each for each in repository.commits if author in (each["author"]["name"], each["author"]["email"], "")]
    return skipped(request, found, "searchCriteria.")


def _items(request: Request, repository: Repository) -> Respond:
    if (folder := request.query.get("scopePath")) is not None:
        prefix = folder.rstrip("/") + "/"
        below = {
            prefix + path.removeprefix(prefix).partition("/")[0] for path in repository.files if path.startswith(prefix)
        }
        entries = [{"path": folder, "isFolder": True, "gitObjectType": "tree"}]
        for path in sorted(below):
            is_file = path in repository.files
            entries.append(
                {"path": path, "gitObjectType": "blob" if is_file else "tree"} | ({} if is_file else {"isFolder": True})
            )
        return listed(entries)
    path = request.query["path"]
    if path in repository.files:
        content = repository.files[path]
        item = {"path": path, "gitObjectType": "blob", "contentMetadata": {"isBinary": content is None}}
        return as_json(item | {"content": "PNG" if content is None else content})
    if any(each.startswith(path.rstrip("/") + "/") for each in repository.files):
        return as_json({"path": path, "gitObjectType": "tree", "isFolder": True})
    return missing(f"The item {path}")


def _fits(request: Request, found: Json) -> bool:
    wanted = {name.removeprefix("searchCriteria."): value for name, value in request.query.items()}
    return (
        wanted.get("status", "active") in ("all", found["status"])
        and wanted.get("creatorId", found["createdBy"]["id"]) == found["createdBy"]["id"]
        and ("reviewerId" not in wanted or wanted["reviewerId"] in [each["id"] for each in found["reviewers"]])
        and wanted.get("sourceRefName", found["sourceRefName"]) == found["sourceRefName"]
        and wanted.get("targetRefName", found["targetRefName"]) == found["targetRefName"]
    )


def _cut(found: Json) -> Json:
    """As a list shows it."""
    return found | {"description": found.get("description", "")[:400]}


def _requests(request: Request, repository: Repository) -> Respond:
    return skipped(request, [_cut(each) for each in repository.requests if _fits(request, each)])


def _all_requests(request: Request) -> Respond:
    every = [each for repository in request.project.repositories.values() for each in repository.requests]
    return skipped(request, [_cut(each) for each in every if _fits(request, each)])


def _any_request(request: Request) -> Respond:
    number = int(request.inside["pullRequestId"])
    every = [each for repository in request.project.repositories.values() for each in repository.requests]
    return next((as_json(each) for each in every if each["pullRequestId"] == number), missing("The pull request"))


def _request(request: Request, repository: Repository) -> Respond:
    found = _one(request, repository)
    return as_json(found) if found else missing("The pull request")


def _one(request: Request, repository: Repository) -> Json | None:
    number = int(request.inside["pullRequestId"])
    return next((each for each in repository.requests if each["pullRequestId"] == number), None)


def _create(request: Request, repository: Repository) -> Respond:
    sent: Any = request.body
    if len(sent.get("description", "")) > 4000:
        return problem("400 Bad Request", "A maximum of 4000 characters is allowed in the description.")
    same = ("sourceRefName", "targetRefName")
    open_ = [each for each in repository.requests if each["status"] == "active"]
    if any(all(each[name] == sent[name] for name in same) for each in open_):
        return problem("409 Conflict", "TF401179: An active pull request for these branches already exists.")
    made = request.world.add_request(request.inside["project"], request.inside["repositoryId"], request.person, sent)
    return as_json(made, "201 Created")


def _update(request: Request, repository: Repository) -> Respond:
    found = _one(request, repository)
    if found is None:
        return missing("The pull request")
    sent = dict(request.body)
    if sent.get("status") == "completed":
        if found["status"] != "active":
            return problem("400 Bad Request", "TF401181: The pull request cannot be edited due to its state.")
        if sent.pop("lastMergeSourceCommit") != found["lastMergeSourceCommit"]:
            return problem("409 Conflict", "TF401192: The source branch has been updated since it was last read.")
        found["completionQueueTime"] = request.world.time()
        shown = found | sent | {"status": "active", "mergeStatus": "queued"}  # it is made a moment later
        found |= sent
        return as_json(shown)
    found |= sent
    return as_json(found)


def _threads(request: Request, repository: Repository) -> Respond:
    if _one(request, repository) is None:
        return missing("The pull request")
    return listed(repository.threads.get(int(request.inside["pullRequestId"]), []))


def _add_thread(request: Request, repository: Repository) -> Respond:
    if _one(request, repository) is None:
        return missing("The pull request")
    inside = request.inside
    number = int(inside["pullRequestId"])
    made = request.world.add_thread(inside["project"], inside["repositoryId"], number, request.person, request.body)
    return as_json(made)


def _answer(request: Request, repository: Repository) -> Respond:
    threads = repository.threads.get(int(request.inside["pullRequestId"]), [])
    thread = next((each for each in threads if each["id"] == int(request.inside["threadId"])), None)
    if thread is None:
        return missing("The thread")
    made = {"id": len(thread["comments"]) + 1, "author": request.world.person(request.person), **request.body}
    made["publishedDate"] = request.world.time()
    thread["comments"].append(made)
    return as_json(made)


HANDLERS: dict[str, Callable[[Request], Respond]] = {
    f"GET {REPOSITORIES}": _repositories,
    f"GET {ONE}": _in(lambda request, each: as_json(_shown(request, request.inside["repositoryId"], each))),
    f"GET {ONE}/refs": _in(_refs),
    f"POST {ONE}/refs": _in(_update_refs),
    f"GET {ONE}/commits": _in(_commits),
    f"GET {ONE}/items": _in(_items),
    "GET /{organization}/{project}/_apis/git/pullrequests": _all_requests,
    "GET /{organization}/{project}/_apis/git/pullrequests/{pullRequestId}": _any_request,
    f"GET {REQUESTS}": _in(_requests),
    f"POST {REQUESTS}": _in(_create),
    f"GET {REQUESTS}/{{pullRequestId}}": _in(_request),
    f"PATCH {REQUESTS}/{{pullRequestId}}": _in(_update),
    f"GET {THREADS}": _in(_threads),
    f"POST {THREADS}": _in(_add_thread),
    f"POST {THREADS}/{{threadId}}/comments": _in(_answer),
}
