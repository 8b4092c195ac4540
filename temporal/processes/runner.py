"""How workflow code is run: as it is in production, watched by the SDK's sandbox in the tests.

Whether a workflow reads a clock or opens a file is decided when it is written, and the sandbox that
notices costs 12 ms of a turn's CPU for ever after. So the tests run every workflow and replay every
history in it, and workers do without.
"""

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

_PURE = ("clara", "temporal", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")
"""No I/O, no clock and no global state: there is nothing to watch in them."""


def workflow_runner(*, watched: bool = False) -> WorkflowRunner:
    """For a worker; ``watched`` makes workflows fail that do what is not deterministic."""
    if not watched:
        return UnsandboxedWorkflowRunner()
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*_PURE))
