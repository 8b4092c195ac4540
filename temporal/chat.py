"""Having an action in a chat carried out, from outside of workflows."""

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from clara.chat import ChatRequest, action_id
from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "ChatAction"


async def start(client: Client, request: ChatRequest, user_id: str) -> None:
    """Start the workflow of an action of somebody's; a repeat joins the first one. Raises RPCError.

    It is found by its person, so that its history is deleted when they are forgotten.
    """
    try:
        await client.start_workflow(
            WORKFLOW,
            request,
            id=action_id(request.key),
            task_queue=queues.TURNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{request.kind} on {request.platform}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(attributes.USER, user_id)]),
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return
