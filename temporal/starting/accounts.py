"""Having an account connected, from outside of workflows."""

import asyncio
import uuid

from temporalio.client import Client, WorkflowFailureError

from clara.accounts import ConnectOutcome, ConnectRequest, SignInOutcome, SignInRequest, SignInStep, workflow_id
from temporal.starting.once import start_once

WORKFLOW = "ConnectAccount"
SIGN_IN = "AccountSignIn"

LIMIT_S = 45.0
"""A person waits so long for a service to check their token."""


async def connect(client: Client, request: ConnectRequest) -> ConnectOutcome:
    """Raises TimeoutError, RPCError and WorkflowFailureError."""
    id = workflow_id(request.reference)
    await start_once(client, WORKFLOW, request, id=id, summary=f"connect {request.service}", person=request.user_id)
    async with asyncio.timeout(LIMIT_S):
        outcome: ConnectOutcome = await client.get_workflow_handle(id, result_type=ConnectOutcome).result()
    return outcome


# In a browser. All return None where no worker has done it within ``limit_s``, and raise RPCError.


async def begin(client: Client, request: SignInRequest, limit_s: float = LIMIT_S) -> SignInOutcome | None:
    """Its address is ``(await store.sign_ins.pending(pool, outcome.sign_in_id)).url``."""
    step = SignInStep(step="begin", request=request)
    return await _signed_in(client, step, request.user_id, uuid.uuid4().hex, limit_s)


async def finish(client: Client, sign_in_id: str, user_id: str, limit_s: float = LIMIT_S) -> SignInOutcome | None:
    """Finish one whose answer that person has brought to the store (``store.sign_ins.bring``)."""
    return await _signed_in(client, SignInStep(step="finish", sign_in_id=sign_in_id), user_id, sign_in_id, limit_s)


async def end(client: Client, request: SignInRequest, limit_s: float = LIMIT_S) -> SignInOutcome | None:
    """Disconnect an account, at the service too."""
    step = SignInStep(step="end", request=request)
    return await _signed_in(client, step, request.user_id, uuid.uuid4().hex, limit_s)


async def _signed_in(
    client: Client, step: SignInStep, person: str, unique: str, limit_s: float
) -> SignInOutcome | None:
    id = f"account-sign-in/{unique}"
    await start_once(client, SIGN_IN, step, id=id, summary=f"{step.step} a sign-in", person=person)
    try:
        async with asyncio.timeout(limit_s):
            outcome: SignInOutcome = await client.get_workflow_handle(id, result_type=SignInOutcome).result()
            return outcome
    except TimeoutError:
        return None
    except WorkflowFailureError:  # it answers with an outcome, unless somebody cancelled or terminated it
        return SignInOutcome(done=False, text="It was stopped before it was done.")
