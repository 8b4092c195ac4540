"""Having an account connected, from outside of workflows."""

import asyncio

from temporalio.client import Client

from clara.accounts import ConnectOutcome, ConnectRequest, workflow_id
from temporal.starting.once import start_once

WORKFLOW = "ConnectAccount"

LIMIT_S = 45.0
"""A person waits so long for a service to check their token."""


async def connect(client: Client, request: ConnectRequest) -> ConnectOutcome:
    """Raises TimeoutError, RPCError and WorkflowFailureError."""
    id = workflow_id(request.reference)
    await start_once(client, WORKFLOW, request, id=id, summary=f"connect {request.service}", person=request.user_id)
    async with asyncio.timeout(LIMIT_S):
        outcome: ConnectOutcome = await client.get_workflow_handle(id, result_type=ConnectOutcome).result()
    return outcome
