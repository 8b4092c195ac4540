"""The SDK's sandbox for workflows, as it watches them in tests."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

from temporal.processes.runner import workflow_runner

_LOADED: set[type] = set()


class _Watched(SandboxedWorkflowRunner):
    """Loads each workflow once to see whether that can be done, where each worker of each test would again."""

    def prepare_workflow(self, defn: _Definition) -> None:
        if defn.cls not in _LOADED:
            super().prepare_workflow(defn)
            _LOADED.add(defn.cls)


def watched() -> SandboxedWorkflowRunner:
    """A runner for workers that makes workflows fail that do what is not deterministic."""
    runner = workflow_runner(watched=True)
    assert isinstance(runner, SandboxedWorkflowRunner)
    return _Watched(restrictions=runner.restrictions)
