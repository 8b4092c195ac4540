"""Having an action in a chat carried out, from outside of workflows."""

from temporalio.client import Client

from clara.chat import ChatRequest, action_id
from temporal.starting.once import start_once

WORKFLOW = "ChatAction"


async def start(client: Client, request: ChatRequest, user_id: str) -> None:
    """Start the workflow of an action of somebody's; a repeat joins the first one. Raises RPCError."""
    await start_once(
        client,
        WORKFLOW,
        request,
        id=action_id(request.key),
        summary=f"{request.kind} on {request.platform}",
        person=user_id,
    )
