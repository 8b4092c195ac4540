"""Pipelines, their runs, which are builds, and logs."""

import json
from collections.abc import Callable
from typing import Any

from tests.loopback.azure.answers import Request, as_json, continued, listed, missing, problem
from tests.loopback.azure.world import Json
from tests.loopback.http import Respond

PIPELINES = "/{organization}/{project}/_apis/pipelines"
BUILDS = "/{organization}/{project}/_apis/build/builds"


def _pipelines(request: Request) -> Respond:
    if "orderBy" not in request.query:
        return problem("400 Bad Request", "A continuation token needs an order.")
    found = [
        {"id": number, "name": each["name"], "folder": each["folder"]}
        for number, each in request.project.pipelines.items()
    ]
    found.sort(key=lambda each: str(each["name"]))
    return continued(found, request.query.get("continuationToken"), request.query.get("$top"))


def _builds(request: Request) -> Respond:
    query = request.query
    found = [
        each
        for each in request.project.builds
        if query.get("definitions", str(each["definition"]["id"])) == str(each["definition"]["id"])
        and query.get("branchName", each["sourceBranch"]) == each["sourceBranch"]
        and query.get("statusFilter", "all") in ("all", each["status"])
        and query.get("resultFilter", each.get("result")) == each.get("result")
        and query.get("reasonFilter", each["reason"]) == each["reason"]
        and query.get("requestedFor", each["requestedFor"]["id"]) == each["requestedFor"]["id"]
        and each["queueTime"] >= query.get("minTime", "")
    ]
    return continued(list(map(_shown, found)), query.get("continuationToken"), query.get("$top"))


def _one(request: Request, name: str) -> Json | None:
    number = int(request.inside[name])
    return next((each for each in request.project.builds if each["id"] == number), None)


def _shown(build: Json) -> Json:
    return {name: to for name, to in build.items() if name != "records"}


def _build(request: Request) -> Respond:
    found = _one(request, "buildId")
    return as_json(_shown(found)) if found else missing("The build")


def _run(request: Request) -> Respond:
    found = _one(request, "runId")
    if found is None:
        return missing("The run")
    return as_json(
        {
            "id": found["id"],
            "name": found["buildNumber"],
            "state": found["status"],
            "result": found.get("result"),
            "createdDate": found["queueTime"],
            "pipeline": found["definition"],
            "resources": {"repositories": {"self": {"refName": found["sourceBranch"]}}},
            "templateParameters": found.get("templateParameters", {}),
            "variables": {name: {"value": to} for name, to in json.loads(found.get("parameters", "{}")).items()},
        }
    )


def _begin(request: Request) -> Respond:
    number = int(request.inside["pipelineId"])
    if number not in request.project.pipelines:
        return missing("The pipeline")
    pipeline, sent = request.project.pipelines[number], request.body
    if not_allowed := sent.get("variables", {}).keys() - set(pipeline.get("settable", ())):
        return problem("400 Bad Request", f"You can't set the following variables ({', '.join(not_allowed)}).")
    refs: Any = sent.get("resources", {}).get("repositories", {}).get("self", {}).get("refName", "refs/heads/main")
    variables = {name: each["value"] for name, each in sent.get("variables", {}).items()}
    made = request.world.add_build(
        request.inside["project"], number, request.person, refs, status="inProgress", result=None,
        templateParameters={**pipeline.get("defaults", {}), **sent.get("templateParameters", {})},
        parameters=json.dumps(variables),
    )  # fmt: skip
    return as_json({"id": made["id"], "name": made["buildNumber"], "state": "inProgress"})


def _timeline(request: Request) -> Respond:
    found = _one(request, "buildId")
    return as_json({"records": found.get("records", [])}) if found else missing("The build")


def _logs(request: Request) -> Respond:
    logs = request.project.logs.get(int(request.inside["buildId"]), [])
    return listed([{"id": place, "lineCount": len(lines)} for place, lines in enumerate(logs, start=1)])


def _log(request: Request) -> Respond:
    logs = request.project.logs.get(int(request.inside["buildId"]), [])
    lines = logs[int(request.inside["logId"]) - 1]
    return listed(lines[int(request.query.get("startLine", 1)) - 1 : int(request.query.get("endLine", len(lines)))])


HANDLERS: dict[str, Callable[[Request], Respond]] = {
    f"GET {PIPELINES}": _pipelines,
    f"POST {PIPELINES}/{{pipelineId}}/runs": _begin,
    f"GET {PIPELINES}/{{pipelineId}}/runs/{{runId}}": _run,
    f"GET {BUILDS}": _builds,
    f"GET {BUILDS}/{{buildId}}": _build,
    f"GET {BUILDS}/{{buildId}}/timeline/{{timelineId}}": _timeline,
    f"GET {BUILDS}/{{buildId}}/logs": _logs,
    f"GET {BUILDS}/{{buildId}}/logs/{{logId}}": _log,
}
