"""Logins of people at plugins, from outside of workflows: by the name of the workflow that has them done.

Whoever calls has checked who asks. All functions raise RPCError where Temporal does not answer, and return None where
the workers of plugins have not done it within ``timeout``.
"""

import uuid
from datetime import timedelta

from temporalio.client import Client

from clara.plugins.logins import LoginOutcome, LoginRequest, LoginStep
from temporal.starting.once import start_and_wait

WORKFLOW = "PluginLogin"

STOPPED = LoginOutcome(done=False, text="It was stopped before it was done.")


async def begin(client: Client, request: LoginRequest, timeout: timedelta) -> LoginOutcome | None:
    """Begin a login. Its address is ``(await store.logins.pending(pool, outcome.login_id)).url``."""
    return await _asked(client, LoginStep(step="begin", request=request), uuid.uuid4().hex, request.user_id, timeout)


async def finish(client: Client, login_id: str, user_id: str, timeout: timedelta) -> LoginOutcome | None:
    """Finish a login whose answer was brought to the store (``store.logins.bring``, which says whose it is)."""
    return await _asked(client, LoginStep(step="finish", login_id=login_id), login_id, user_id, timeout)


async def end(client: Client, request: LoginRequest, timeout: timedelta) -> LoginOutcome | None:
    """End the login of a person."""
    return await _asked(client, LoginStep(step="end", request=request), uuid.uuid4().hex, request.user_id, timeout)


async def _asked(client: Client, step: LoginStep, unique: str, user_id: str, timeout: timedelta) -> LoginOutcome | None:
    return await start_and_wait(
        client,
        WORKFLOW,
        step,
        id=f"plugin-login/{unique}",
        summary=f"{step.step} a login",
        timeout=timeout,
        stopped=STOPPED,
        person=user_id,
    )
