"""Having the vectors made that are missing, from outside of workflows: by the name of the workflow that does it."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from clara.memory.requests import ReindexRequest
from temporal import queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "ReindexMemories"
ID = "reindex-memories"
"""There is one at a time, whoever asks for it."""


async def start(client: Client, request: ReindexRequest) -> None:
    """Have the missing vectors made, unless that is under way. Raises RPCError."""
    await client.start_workflow(
        WORKFLOW,
        request,
        id=ID,
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"vectors for {request.collection}",
        rpc_timeout=RPC_TIMEOUT,
    )
