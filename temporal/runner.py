"""The sandbox that workflows run in: watched in the tests, let through in production.

To watch a workflow the SDK imports its modules anew for every instance, 8 ms of CPU of a turn's 50.
Whether code reads a clock or opens a file does not change between the tests and production, so the
tests run all workflows and replay all histories watched, and workers import them once.
"""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

_PURE = ("clara", "temporal", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")
"""No I/O, no clock and no global state: importing them again would only cost time."""


def workflow_runner(*, watched: bool = False) -> SandboxedWorkflowRunner:
    """For a worker; ``watched`` makes workflows fail that do what is not deterministic."""
    through = _PURE if watched else (*_PURE, "workflows")
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*through))
