"""Starting a workflow by its name, once, from outside of workflows."""

from typing import Any

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT


async def start_once(
    client: Client, workflow: str, request: Any, *, id: str, summary: str, person: str | None = None
) -> None:
    """Start a workflow on the queue of turns; one of that id, whatever became of it, is not started again.

    With ``person`` it is found by that person, so that its history is deleted when they are forgotten. Raises RPCError.
    """
    attributed = [SearchAttributePair(attributes.USER, person)] if person else []
    try:
        await client.start_workflow(
            workflow,
            request,
            id=id,
            task_queue=queues.TURNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=summary,
            search_attributes=TypedSearchAttributes(attributed),
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return
