"""Histories of earlier releases still replay: what runs while Clara is upgraded goes on.

A change that breaks one of them belongs behind ``workflow.patched``. ``record`` beside this file
records those of the present code.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner

from temporal.client import data_converter
from temporal.processes.runner import workflow_runner
from tests.watched import watched
from workers.roles import WORKFLOWS

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*.json"))


@pytest.mark.parametrize("runner", [watched(), workflow_runner()], ids=["watched", "as in production"])
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_history_replays(path: Path, runner: WorkflowRunner) -> None:
    recorded = _read(path)
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner,
        data_converter=data_converter(),
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(recorded["workflow_id"], recorded["history"]))


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_there_are_histories() -> None:
    kinds = {path.stem.split("-", 1)[1] for path in RECORDED}
    assert kinds >= {"answered", "tools", "stopped", "failed", "fallback", "remember", "conversation"}
    assert kinds >= {"stopped-write", "waited", "continued", "memory-command", "remember-failed"}
    assert kinds >= {"reindex", "notice"}
    assert kinds >= {"plugin-installed", "plugin-undone", "plugin-stopped", "plugin-refreshed", "plugin-removed"}
    assert kinds >= {"plugin-search", "plugin-question", "plugin-login-begun", "plugin-login-finished"}
    assert kinds >= {"plugin-login-ended", "plugin-login-failed", "account-connected"}
