"""What Temporal holds of a person: turns that are open, and the histories of closed workflows.

Histories hold the messages that people wrote. Those of closed workflows can be deleted at once. An open
conversation is asked to end: it does so when nothing waits in it, so that no message is lost that was
accepted a moment ago.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from clara.errors import UserError
from clara.memory.kinds import Owner
from clara.messages import ConversationKey
from temporal import attributes, ids
from temporal.client import RPC_TIMEOUT, is_open

PATIENCE_S = 8.0
"""For turns to end that were told to. A stop takes less than a second where a worker is up."""

REST_S = 3.0
"""For a conversation to end in which nothing waits."""

POLL_S = 0.2
_RUNNING = WorkflowExecutionStatus.RUNNING
_CLOSED = "ExecutionStatus != 'Running'"
AT_ONCE = 20
"""Histories that are deleted at the same time."""


async def end_turns(client: Client, owner: Owner, running: Callable[[], Awaitable[Sequence[str]]]) -> None:
    """Stop a person's turns, waiting ones too; when this returns, none is open.

    ``running`` tells which the store takes for running. UserError where they do not end in time, as
    without a worker.
    """
    deadline = time.monotonic() + PATIENCE_S
    told: set[str] = set()
    while still := await _open_turns(client, owner, await running()):
        for turn_id in still - told:
            await _cancel(client, turn_id)
        told |= still
        if time.monotonic() > deadline:
            # One that has told its end still looks what became of its writes, perhaps for hours.
            told_end = still - set(await running())
            for turn_id in told_end:
                await _terminate(client, turn_id)
            if still == told_end:
                return
            raise UserError(
                "I am still at work on a message of yours and could not stop in time. Please try again in a moment."
            )
        await asyncio.sleep(POLL_S)


async def _open_turns(client: Client, owner: Owner, running: Sequence[str]) -> set[str]:
    query = f"{attributes.USER.name} = '{owner}' and ExecutionStatus = 'Running'"
    found = {each.id for each in await _listed(client, query)} | set(running)
    # The list lags behind, so each is asked for itself.
    return {turn_id for turn_id in found if await is_open(client, turn_id)}


async def _cancel(client: Client, workflow_id: str) -> None:
    with _gone_is_fine():
        await client.get_workflow_handle(workflow_id).cancel(rpc_timeout=RPC_TIMEOUT)


async def _terminate(client: Client, workflow_id: str) -> None:
    with _gone_is_fine():
        await client.get_workflow_handle(workflow_id).terminate(
            reason="its person is forgotten", rpc_timeout=RPC_TIMEOUT
        )


async def delete_histories(client: Client, owner: Owner) -> int:
    """Delete what is closed: the person's turns, what was learned from them, commands of theirs, own conversations.

    Returns how many histories there were. May be repeated; the server takes half a minute to delete them.
    """
    turns = await _listed(client, f"{attributes.USER.name} = '{owner}'")
    # The list lags behind: those that were stopped a moment ago are still called running there.
    wanted = [each for each in turns if each.status is not _RUNNING or not await is_open(client, each.id)]
    wanted += await _listed(client, f"WorkflowId starts_with '{ids.memory_command_id(owner, '')}' and {_CLOSED}")
    names = [ids.remember_id(each.id) for each in turns]
    for conversation in {each.typed_search_attributes.get(attributes.CONVERSATION) for each in turns}:
        if conversation and not await _is_shared(client, owner, conversation):
            name = ids.conversation_id(ConversationKey.parse(conversation))
            names.append(name)
            if ended := await _rest(client, name):
                wanted.append(ended)
    for start in range(0, len(names), AT_ONCE):
        listed = ", ".join(f"'{name}'" for name in names[start : start + AT_ONCE])
        wanted += await _listed(client, f"WorkflowId in ({listed}) and {_CLOSED}")
    runs = list({each.run_id: each for each in wanted}.values())
    for start in range(0, len(runs), AT_ONCE):
        await asyncio.gather(*(_delete(client, each) for each in runs[start : start + AT_ONCE]))
    return len(runs)


async def _rest(client: Client, conversation_id: str) -> WorkflowExecution | None:
    """Have a conversation end; returns its last run if that is closed now. Without a worker none is."""
    handle = client.get_workflow_handle(conversation_id)
    deadline = time.monotonic() + REST_S
    found: WorkflowExecution | None = None
    with _gone_is_fine():
        while (found := await handle.describe(rpc_timeout=RPC_TIMEOUT)).status is _RUNNING:
            if time.monotonic() > deadline:
                return None
            await handle.signal("rest", rpc_timeout=RPC_TIMEOUT)
            await asyncio.sleep(POLL_S)
    return found


async def _listed(client: Client, query: str) -> list[WorkflowExecution]:
    return [each async for each in client.list_workflows(query, rpc_timeout=RPC_TIMEOUT)]


async def _is_shared(client: Client, owner: Owner, conversation: str) -> bool:
    """Whether somebody else has spoken there, as far back as histories go."""
    query = f"{attributes.CONVERSATION.name} = '{conversation}' and {attributes.USER.name} != '{owner}'"
    return (await client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count > 0


async def _delete(client: Client, closed: WorkflowExecution) -> None:
    with _gone_is_fine():
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace, workflow_execution=Execution(workflow_id=closed.id, run_id=closed.run_id)
            ),
            timeout=RPC_TIMEOUT,
        )


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
