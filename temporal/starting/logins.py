"""Logins of people at plugins, from outside of workflows: by the name of the workflow that has them done.

Whoever calls has checked who asks. All functions raise RPCError where Temporal does not answer, and return None where
the workers of plugins have not done it within ``timeout``.
"""

import asyncio
import uuid
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy

from clara.plugins.logins import LoginOutcome, LoginRequest, LoginStep
from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT

WORKFLOW = "PluginLogin"


async def begin(client: Client, request: LoginRequest, timeout: timedelta) -> LoginOutcome | None:
    """Begin a login. Its address is ``(await store.logins.pending(pool, outcome.login_id)).url``."""
    return await _asked(client, LoginStep(step="begin", request=request), uuid.uuid4().hex, timeout)


async def finish(client: Client, login_id: str, timeout: timedelta) -> LoginOutcome | None:
    """Finish a login whose answer was brought to the store (``store.logins.bring``)."""
    return await _asked(client, LoginStep(step="finish", login_id=login_id), login_id, timeout)


async def end(client: Client, request: LoginRequest, timeout: timedelta) -> LoginOutcome | None:
    """End the login of a person."""
    return await _asked(client, LoginStep(step="end", request=request), uuid.uuid4().hex, timeout)


async def _asked(client: Client, step: LoginStep, unique: str, timeout: timedelta) -> LoginOutcome | None:
    person = step.request.user_id if step.request else ""
    attributed = [SearchAttributePair(attributes.USER, person)] if person else []
    handle = await client.start_workflow(
        WORKFLOW,
        step,
        id=f"plugin-login/{unique}",
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=LoginOutcome,
        static_summary=f"{step.step} a login",
        search_attributes=TypedSearchAttributes(attributed),
        rpc_timeout=RPC_TIMEOUT,
    )
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            outcome: LoginOutcome = await handle.result()
            return outcome
    except TimeoutError:
        return None
    except WorkflowFailureError:  # it answers with an outcome, unless somebody cancelled or terminated it
        return LoginOutcome(done=False, text="It was stopped before it was done.")
