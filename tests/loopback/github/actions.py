"""GitHub Actions: workflows, and runs that are started by hand, stopped and repeated."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.loopback.github.wire import NOT_FOUND, Request, as_json, page, refusal
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond, answer

RUNS = r"/repos/([^/]+/[^/]+)/actions(?:/workflows/([^/]+))?/runs"
RUN = r"/repos/([^/]+/[^/]+)/actions/runs/(\d+)(?:/(jobs|cancel|rerun|rerun-failed-jobs|attempts/\d+))?"
WORKFLOWS = r"/repos/([^/]+/[^/]+)/actions/workflows(?:/([^/]+)/dispatches)?"


@dataclass
class Actions:
    """Of one repository."""

    workflows: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    attempts: dict[tuple[int, int], Json] = field(default_factory=dict)
    """Each attempt at a run, by the run's id and the attempt."""
    is_old: bool = False
    """An Enterprise, which does not tell of a start which run it is."""


def add_workflow(world: World, name: str, file: str) -> None:
    actions = world.of(name, Actions)
    made = world.time()
    number = len(actions.workflows) + 1
    actions.workflows.append(
        {
            "id": number, "node_id": f"W_{number}", "name": file.partition(".")[0].title(), "state": "active",
            "path": f".github/workflows/{file}", "created_at": made, "updated_at": made, "badge_url": "",
            "url": f"{world.url}/repos/{name}/actions/workflows/{number}",
            "html_url": f"https://github.com/{name}/blob/main/.github/workflows/{file}",
        }
    )  # fmt: skip


def add_run(world: World, name: str, by: str, ref: str, workflow: Json, event: str, conclusion: str | None) -> Json:
    actions = world.of(name, Actions)
    number = len(actions.runs) + 1
    made = world.time()
    run: Json = {
        "id": 9000 + number, "name": workflow["name"], "run_number": number, "run_attempt": 1, "event": event,
        "status": "completed" if conclusion else "queued", "conclusion": conclusion, "workflow_id": workflow["id"],
        "display_title": f"{workflow['name']} it", "head_branch": ref, "head_sha": "a" * 40, "created_at": made,
        "updated_at": made, "actor": world.user(by), "triggering_actor": world.user(by),
        "html_url": f"https://github.com/{name}/actions/runs/{9000 + number}",
    }  # fmt: skip
    actions.runs.append(run)
    actions.attempts[run["id"], 1] = dict(run)
    return run


def route(world: World, request: Request) -> Respond | None:
    routes: list[tuple[str, Callable[..., Respond]]] = [(RUNS, _runs), (RUN, _run), (WORKFLOWS, _workflows)]
    for pattern, respond in routes:
        if match := re.fullmatch(pattern, request.path):
            name, *rest = match.groups()
            return respond(world, request, name, *rest) if name in world.repositories else NOT_FOUND
    return None


def _of_file(actions: Actions, wanted: str) -> Json | None:
    return next((each for each in actions.workflows if wanted in (str(each["id"]), each["path"].split("/")[-1])), None)


def _workflows(world: World, request: Request, name: str, file: str | None) -> Respond:
    actions = world.of(name, Actions)
    if file is None:
        return page(request, actions.workflows, within="workflows")
    workflow = _of_file(actions, file)
    if workflow is None:
        return NOT_FOUND
    if "undeclared" in request.body.get("inputs", {}):
        return refusal("422 Unprocessable Entity", "Unexpected inputs provided: [undeclared]")
    if actions.is_old and "return_run_details" in request.body:
        words = 'Invalid request.\n\n"return_run_details" is not a permitted key.'
        return refusal("422 Unprocessable Entity", words)
    run = add_run(world, name, request.login, request.body["ref"], workflow, "workflow_dispatch", None)
    if not request.body.get("return_run_details"):
        return answer(b"", "204 No Content")
    return as_json({"workflow_run_id": run["id"], "run_url": run["html_url"], "html_url": run["html_url"]})


def _runs(world: World, request: Request, name: str, file: str | None) -> Respond:
    actions, query = world.of(name, Actions), request.query
    workflow = _of_file(actions, file) if file else None
    if file and workflow is None:
        return NOT_FOUND
    found = [
        run
        for run in reversed(actions.runs)
        if (workflow is None or run["workflow_id"] == workflow["id"])
        and query.get("event", run["event"]) == run["event"]
        and query.get("branch", run["head_branch"]) == run["head_branch"]
        and query.get("actor", run["actor"]["login"]) == run["actor"]["login"]
        and query.get("status", run["status"]) in (run["status"], run["conclusion"])
        and run["created_at"] >= query.get("created", "").removeprefix(">=")
    ]
    return page(request, found, within="workflow_runs")


def _run(world: World, request: Request, name: str, number: str, what: str | None) -> Respond:
    actions = world.of(name, Actions)
    run = next((each for each in actions.runs if each["id"] == int(number)), None)
    if run is None:
        return NOT_FOUND
    if what is None:
        return as_json(run)
    if what.startswith("attempts/"):
        attempt = actions.attempts.get((run["id"], int(what.partition("/")[2])))
        return as_json(attempt) if attempt else NOT_FOUND
    if what == "jobs":
        return page(request, [_job(run, name, "build", "success"), _job(run, name, "test", "failure")], within="jobs")
    if what == "cancel":
        if run["status"] == "completed":
            return refusal("409 Conflict", "Cannot cancel a workflow run that is completed.")
        run |= {"status": "completed", "conclusion": "cancelled"}
        return as_json({}, "202 Accepted")
    if run["status"] != "completed":
        return refusal("403 Forbidden", "This workflow is already running")
    run |= {
        "run_attempt": run["run_attempt"] + 1, "status": "queued", "conclusion": None,
        "triggering_actor": world.user(request.login),
    }  # fmt: skip
    actions.attempts[run["id"], run["run_attempt"]] = dict(run)
    return as_json({}, "201 Created")


def _job(run: Json, name: str, job: str, conclusion: str) -> Json:
    return {
        "id": 1, "name": job, "status": "completed", "conclusion": conclusion,
        "html_url": f"https://github.com/{name}/actions/runs/{run['id']}/job/1",
        "steps": [
            {"name": "Set up", "number": 1, "status": "completed", "conclusion": "success"},
            {"name": f"Do {job}", "number": 2, "status": "completed", "conclusion": conclusion},
        ],
    }  # fmt: skip
