"""Having a notice sent, from outside of workflows: by the name of the workflow that does it."""

from temporalio.client import Client

from clara.notices import NoticeRequest, notice_id
from temporal.starting.once import start_once

WORKFLOW = "Notice"


async def send(client: Client, request: NoticeRequest) -> None:
    """Have a notice sent that is in the store; a repeat changes nothing. Raises RPCError."""
    await start_once(client, WORKFLOW, request, id=notice_id(request.key), summary=f"a notice for {request.to.id}")
