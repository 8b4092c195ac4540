"""Projects, teams, iterations, wikis, test plans, and code search."""

from collections.abc import Callable

from tests.loopback.azure.answers import Request, as_json, continued, listed, missing, problem, skipped
from tests.loopback.azure.world import sha
from tests.loopback.http import Respond

WIKIS = "/{organization}/{project}/_apis/wiki/wikis"
PAGES = f"{WIKIS}/{{wikiIdentifier}}/pages"


def _projects(request: Request) -> Respond:
    found = [{"id": f"id-of-{name}", "name": name, "visibility": "private"} for name in request.world.projects]
    return skipped(request, [each | {"lastUpdateTime": "2026-11-01T00:00:00Z"} for each in found])


def _teams(request: Request) -> Respond:
    project = request.world.projects.get(request.inside["projectId"])
    if project is None:
        return missing("The project")
    return skipped(request, [{"id": f"id-of-{name}", "name": name, "description": "A team"} for name in project.teams])


def _nodes(request: Request) -> Respond:
    root = {"id": 1, "name": request.inside["project"], "structureType": "iteration", "hasChildren": True}
    return as_json(root | {"children": request.project.iterations})


def _team_iterations(request: Request) -> Respond:
    if request.inside.get("team", "") not in ("", *request.project.teams):
        return missing("The team")
    found = [
        {"id": "1", "name": each["name"], "path": f"{request.inside['project']}\\{each['name']}",
         "attributes": each["attributes"] | {"timeFrame": each["when"]}}
        for each in request.project.iterations
        if request.query.get("$timeframe", each["when"]) == each["when"]
    ]  # fmt: skip
    return listed(found)


def _wikis(request: Request) -> Respond:
    url = request.world.url
    return listed([{"id": f"id-of-{name}", "name": name, "type": "projectWiki",
                    "remoteUrl": f"{url}/_wiki/wikis/{name}"} for name in request.project.wikis])  # fmt: skip


def _pages(request: Request) -> dict[str, str] | None:
    return request.project.wikis.get(request.inside["wikiIdentifier"])


def _page(request: Request) -> Respond:
    pages = _pages(request)
    path = request.query.get("path", "/")
    if pages is None or (path != "/" and path not in pages):
        return missing(f"Wiki page '{path}'")
    text = pages.get(path, "")
    below = [{"path": each} for each in pages if each.rpartition("/")[0] == path.rstrip("/") and each != "/"]
    page = {"path": path, "id": 1, "remoteUrl": f"{request.world.url}/_wiki?pagePath={path}", "subPages": below}
    return as_json(
        page | ({"content": text} if request.query.get("includeContent") == "true" else {}), etag=_etag(text)
    )


def _write(request: Request) -> Respond:
    pages = _pages(request)
    if pages is None:
        return missing("The wiki")
    path, version = request.query["path"], request.headers.get("if-match")
    if version is None and path in pages:
        return problem("409 Conflict", f"The page '{path}' specified in the add operation already exists in the wiki.")
    if version is not None and path not in pages:
        return missing(f"Wiki page '{path}'")
    if version is not None and version != _etag(pages[path]):
        return problem("412 Precondition Failed", f"The page '{path}' has been modified since it was last read.")
    is_new = path not in pages
    pages[path] = request.body["content"].replace("\n", "\r\n")
    page = {"path": path, "id": 1, "remoteUrl": f"{request.world.url}/_wiki?pagePath={path}"}
    return as_json(page, "201 Created" if is_new else "200 OK", etag=_etag(pages[path]))


def _etag(text: str) -> str:
    return f'"{sha(text)}"'


def _all_pages(request: Request) -> Respond:
    pages = _pages(request)
    if pages is None:
        return missing("The wiki")
    found = [{"id": place, "path": path} for place, path in enumerate(pages, start=1)]
    return continued(found, request.body.get("continuationToken"), request.body.get("top"))


def _plans(request: Request) -> Respond:
    wants_active = request.query.get("filterActivePlans") == "true"
    found = [each for each in request.project.plans if not wants_active or each["state"] == "Active"]
    return continued(found, request.query.get("continuationToken"), None, size=2)


def _suites(request: Request) -> Respond:
    suites = request.project.suites.get(int(request.inside["planId"]))
    if suites is None:
        return missing("The test plan")
    return continued(suites, request.query.get("continuationToken"), None, size=2)


def _code(request: Request) -> Respond:
    filters, wanted = request.body["filters"], request.body["searchText"]
    found = [
        {
            "fileName": path.rpartition("/")[2],
            "path": path,
            "project": {"name": project},
            "repository": {"name": name, "type": "git"},
            "versions": [{"branchName": next(iter(repository.branches)), "changeId": "1"}],
            "matches": {"content": [{"charOffset": 0, "length": 3, "codeSnippet": text.splitlines()[0]}]},
        }
        for project, each in request.world.projects.items()
        for name, repository in each.repositories.items()
        for path, text in repository.files.items()
        if text and wanted in text
        and project in filters.get("Project", [project])
        and name in filters.get("Repository", [name])
        and path.startswith(filters.get("Path", ["/"])[0])
    ]  # fmt: skip
    begin = request.body["$skip"]
    return as_json({"count": len(found), "results": found[begin : begin + request.body["$top"]], "infoCode": 0})


HANDLERS: dict[str, Callable[[Request], Respond]] = {
    "GET /{organization}/_apis/projects": _projects,
    "GET /{organization}/_apis/projects/{projectId}/teams": _teams,
    "GET /{organization}/{project}/_apis/wit/classificationnodes/{structureGroup}/{path}": _nodes,
    "GET /{organization}/{project}/{team}/_apis/work/teamsettings/iterations": _team_iterations,
    f"GET {WIKIS}": _wikis,
    f"GET {PAGES}": _page,
    f"PUT {PAGES}": _write,
    f"POST {PAGES}batch": _all_pages,
    "GET /{organization}/{project}/_apis/testplan/plans": _plans,
    "GET /{organization}/{project}/_apis/testplan/Plans/{planId}/suites": _suites,
    "POST /{organization}/{project}/_apis/search/codesearchresults": _code,
}
