"""Having an action in a chat carried out, from outside of workflows."""

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from clara.chat import ChatRequest, action_id
from temporal import queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "ChatAction"


async def start(client: Client, request: ChatRequest) -> None:
    """Start the workflow of an action; a repeat joins the first one. Raises RPCError."""
    try:
        await client.start_workflow(
            WORKFLOW,
            request,
            id=action_id(request.key),
            task_queue=queues.TURNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{request.kind} on {request.platform}",
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return
