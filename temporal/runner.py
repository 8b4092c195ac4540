"""The workflow sandbox, with Clara's pure packages let through.

They hold no I/O, no clock and no global state, so that importing them again for every workflow
would only cost time.
"""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def workflow_runner() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            "clara", "temporal", "pydantic", "pydantic_core", "annotated_types", "typing_extensions"
        )
    )
