"""Having an action carried out by the adapter of its platform, which alone can ask it.

An action is known by the key of its tool call. So an attempt that is tried again, in whatever process, joins what
the first one began.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from activities.tools.tool import Context, Verdict
from clara.chat import ChatRequest, action_id
from clara.errors import ToolFailed, Unavailable
from clara.messages import Value
from store import chat
from store.chat import KeptAction
from store.database import Pool
from temporal.starting import chat as starting

LASTS = timedelta(seconds=60)
"""Within this an action is carried out, with the restart of an adapter that died, or it is not any more."""

GRACE = timedelta(seconds=5)
"""For its outcome to arrive."""

TIMEOUT = LASTS + 2 * GRACE
"""Of a tool that waits for one."""

SETTLES = timedelta(seconds=15)
"""For a request that was sent at the last moment."""


class Chats:
    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client

    async def act(self, kind: str, arguments: Value, context: Context, is_write: bool = False) -> str:
        """Have an action carried out once for this call; returns what came of it.

        ToolFailed where it was refused, or not begun in time. Where its outcome is not known, a write raises
        Unavailable, so that its ``verify`` is asked, and anything else ToolFailed.
        """
        platform = context.message.conversation.platform
        turn_id = context.message.turn_id
        await chat.keep(self._pool, context.key, turn_id, kind, arguments.model_dump(mode="json"), LASTS)
        try:
            request = ChatRequest(key=context.key, platform=platform, kind=kind)
            await starting.start(self._client, request, context.user_id)
            with suppress(TimeoutError, WorkflowFailureError):
                async with asyncio.timeout((LASTS + GRACE).total_seconds()):
                    await self._client.get_workflow_handle(action_id(context.key)).result()
        except RPCError as error:
            raise Unavailable("Temporal does not answer", kind="temporal") from error
        action = await chat.get(self._pool, context.key)
        if action is not None and action.state == "done":
            return action.outcome
        if action is not None and action.state is None and action.begun and is_write:
            raise Unavailable(f"it is not known whether {kind} took effect")
        raise ToolFailed(_why(action, platform))

    async def verify(self, context: Context) -> Verdict:
        """What became of an action, for a write whose attempt was cut."""
        action = await chat.get(self._pool, context.key)
        if action is None or action.state == "refused":
            return Verdict("not_done")
        if action.state == "done":
            return Verdict("done", action.outcome)
        # Before its time is over, "not done" only means "not yet".
        return Verdict("unknown" if action.begun and action.remaining <= timedelta() else "not_done")


def _why(action: KeptAction | None, platform: str) -> str:
    if action is None:
        return "The message that asks for this was forgotten meanwhile."
    if action.state == "refused":
        return action.outcome
    if action.begun:
        return f"{platform.capitalize()} did not confirm it. It may have taken effect; doing it again does no harm."
    return f"{platform.capitalize()} could not be asked within {LASTS.total_seconds():g} s, so nothing was done."
