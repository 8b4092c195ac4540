"""Handing a message to its conversation, which is started where it sleeps."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from clara.conversation import Inbox
from clara.messages import Incoming
from temporal import ids, queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "Conversation"


async def hear(client: Client, message: Incoming) -> None:
    """When this returns, the message is accepted and will be answered once. Raises RPCError; safe to repeat."""
    await client.start_workflow(
        WORKFLOW,
        Inbox(conversation_id=message.conversation.id, watches=True),
        id=ids.conversation_id(message.conversation),
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="receive",
        start_signal_args=[message],
        static_summary=message.conversation.id,
        rpc_timeout=RPC_TIMEOUT,
    )
