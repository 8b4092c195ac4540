"""The tools for GitHub Actions, against a loopback GitHub."""

import json
from datetime import timedelta
from typing import Any

import pytest

from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from store.database import Pool
from store.turns.effects import Ledger
from tests.activities.accounts.known import prepared
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault
from tests.loopback.github.actions import Actions, add_run
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "boats"}
RUN = {**HERE, "run_id": 9001}
START = {**HERE, "workflow": "deploy.yml", "ref": "main", "inputs": [{"name": "where", "value": "eu"}]}
CALLS: dict[str, dict[str, Any]] = {
    "list_workflows": {**HERE},
    "list_workflow_runs": {**HERE},
    "get_workflow_run": {**RUN},
    "run_workflow": START,
    "cancel_workflow_run": {**RUN},
    "rerun_workflow": {**RUN, "attempt": 1},
}
CREATING = ["run_workflow", "rerun_workflow"]


async def test_workflows_are_listed_with_their_files(desk: Desk) -> None:
    output = await desk.run("list_workflows", **HERE)
    assert output.provenance is Provenance.OTHERS
    link = "https://github.com/acme/boats/blob/main/.github/workflows/deploy.yml"
    assert f"- [Deploy]({link}) (`deploy.yml`, id 1, active)" in output.text


async def test_runs_are_listed_with_their_state(desk: Desk) -> None:
    output = await desk.run("list_workflow_runs", **HERE, workflow="deploy.yml", status="failure", branch="main")
    assert (
        "- [Deploy #1: Deploy it](https://github.com/acme/boats/actions/runs/9001) "
        "(run id 9001; failure; push on main; by @mallory; began 2026-11-28 00:05 UTC)" in output.text
    )
    query = "branch=main&page=1&per_page=30&status=failure"
    assert desk.lines == [f"GET /repos/acme/boats/actions/workflows/deploy.yml/runs?{query}"]
    assert (await desk.run("list_workflow_runs", **HERE, event="schedule")).text == "There are none."


async def test_run_is_shown_with_its_jobs_and_what_failed(desk: Desk) -> None:
    output = await desk.run("get_workflow_run", **RUN)
    assert "Attempt 1 of commit " in output.text
    assert "- [build](https://github.com/acme/boats/actions/runs/9001/job/1): success" in output.text
    assert "test](https://github.com/acme/boats/actions/runs/9001/job/1): failure\n  - step 2, Do test" in output.text
    assert "Do build" not in output.text


async def test_workflow_is_started_with_its_inputs(desk: Desk) -> None:
    output = await desk.run("run_workflow", **START)
    assert output.text == ("Started deploy.yml on main, run id 9002: https://github.com/acme/boats/actions/runs/9002")
    assert desk.lines == ["POST /repos/acme/boats/actions/workflows/deploy.yml/dispatches"]
    sent = {"ref": "main", "inputs": {"where": "eu"}}
    assert json.loads(desk.server.asked[-1].body) == {**sent, "return_run_details": True}
    desk.server.world.of("acme/boats", Actions).is_old = True
    output = await desk.run("run_workflow", **START)
    assert output.text.startswith("Started deploy.yml on main. Its run shows after some seconds: http")
    assert json.loads(desk.server.asked[-1].body) == sent
    assert len(desk.server.world.of("acme/boats", Actions).runs) == 3
    with pytest.raises(ToolFailed, match="Unexpected inputs"):
        await desk.run("run_workflow", **{**START, "inputs": [{"name": "undeclared", "value": "x"}]})


async def test_start_that_never_arrived_is_not_found(desk: Desk) -> None:
    desk.server.faults = [Fault(answer(b"{}", "502 Bad Gateway"))]
    with pytest.raises(Unavailable):
        await desk.run("run_workflow", **START)
    assert (await desk.verify("run_workflow", **START)).state == "not_done"


async def test_several_starts_are_not_told_apart_and_so_not_known(desk: Desk) -> None:
    workflow = desk.server.world.of("acme/boats", Actions).workflows[0]
    add_run(desk.server.world, "acme/boats", "bob", "main", workflow, "workflow_dispatch", None)
    assert (await desk.verify("run_workflow", **START)).state == "unknown", "bob's, who may have been renamed"
    add_run(desk.server.world, "acme/boats", "ann", "main", workflow, "workflow_dispatch", None)
    found = await desk.verify("run_workflow", **START)
    assert (found.state, found.result) == ("done", "Started: https://github.com/acme/boats/actions/runs/9003")
    add_run(desk.server.world, "acme/boats", "ann", "main", workflow, "workflow_dispatch", None)
    assert (await desk.verify("run_workflow", **START)).state == "unknown"


async def test_start_of_an_earlier_attempt_is_found_although_time_has_passed(pool: Pool, desk: Desk) -> None:
    attempt, write = await prepared(pool, (await desk.tools())["github_run_workflow"], START)
    ledger = Ledger(pool, write.context.key, write.turn_id, write.tool.name)
    assert await ledger.begin(write.fingerprint, timedelta(minutes=5), None) is not None
    await write.tool.run(write.arguments, write.context)
    async with pool.connection() as connection:
        await connection.execute("update effects set begun_at = begun_at - interval '1 hour'")
    desk.server.world.of("acme/boats", Actions).runs[-1]["created_at"] = "2026-11-27T23:10:00Z"
    outcome = await attempt()
    assert not outcome.is_error
    assert "https://github.com/acme/boats/actions/runs/9002" in outcome.output.text


async def test_run_is_stopped_and_one_that_has_ended_is_told(desk: Desk) -> None:
    await desk.run("run_workflow", **START)
    output = await desk.run("cancel_workflow_run", **HERE, run_id=9002)
    assert output.text.startswith("GitHub cancels the run: http")
    again = await desk.run("cancel_workflow_run", **HERE, run_id=9002)
    assert again.text == ("The run has ended already (cancelled): https://github.com/acme/boats/actions/runs/9002")


@pytest.mark.parametrize(("failed_only", "path"), [(False, "rerun"), (True, "rerun-failed-jobs")])
async def test_run_is_repeated_at_the_attempt_that_was_seen(desk: Desk, failed_only: bool, path: str) -> None:
    output = await desk.run("rerun_workflow", **RUN, attempt=1, failed_only=failed_only)
    assert output.text == "Repeats the run, as attempt 2: https://github.com/acme/boats/actions/runs/9001"
    assert desk.lines[-1] == f"POST /repos/acme/boats/actions/runs/9001/{path}"
    with pytest.raises(ToolFailed, match="repeated meanwhile: it is at attempt 2"):
        await desk.run("rerun_workflow", **RUN, attempt=1)
    assert len(desk.lines) == 3


async def test_repetition_by_somebody_else_is_not_taken_for_this_one(desk: Desk) -> None:
    await desk.run("rerun_workflow", "bob", **RUN, attempt=1)
    assert (await desk.verify("rerun_workflow", **RUN, attempt=1)).state == "not_done"
    assert (await desk.verify("rerun_workflow", "bob", **RUN, attempt=1)).state == "done"


@pytest.mark.parametrize("workflow", ["../secrets", "a/b.yml", "deploy", "deploy.yml?x", "..yml/", ".yml", "0"])
async def test_workflows_cannot_lead_elsewhere(desk: Desk, workflow: str) -> None:
    tool = (await desk.tools())["github_run_workflow"]
    with pytest.raises(ValueError, match="arguments of github_run_workflow are wrong"):
        tool.parse({**START, "workflow": workflow})


async def test_an_input_is_given_once(desk: Desk) -> None:
    tool = (await desk.tools())["github_run_workflow"]
    with pytest.raises(ValueError, match="each input is given once"):
        tool.parse({**START, "inputs": [{"name": "where", "value": "eu"}, {"name": "where", "value": "us"}]})
