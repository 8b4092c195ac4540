"""Having a notice sent, from outside of workflows: by the name of the workflow that does it."""

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from clara.notices import NoticeRequest, notice_id
from temporal import queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "Notice"


async def send(client: Client, request: NoticeRequest) -> None:
    """Have a notice sent that is in the store; a repeat changes nothing. Raises RPCError."""
    try:
        await client.start_workflow(
            WORKFLOW,
            request,
            id=notice_id(request.key),
            task_queue=queues.TURNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"a notice for {request.to.id}",
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return
