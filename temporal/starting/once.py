"""Starting a workflow by its name, from outside of workflows."""

import asyncio
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT

T = TypeVar("T")


async def start_once(
    client: Client, workflow: str, request: Any, *, id: str, summary: str, person: str | None = None
) -> None:
    """Start a workflow on the queue of turns; one of that id, whatever became of it, is not started again.

    With ``person`` it is found by that person, so that its history is deleted when they are forgotten. Raises RPCError.
    """
    try:
        await client.start_workflow(
            workflow,
            request,
            id=id,
            task_queue=queues.TURNS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=summary,
            search_attributes=_found_by(person),
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return


async def start_and_wait(
    client: Client,
    workflow: str,
    request: Any,
    *,
    id: str,
    summary: str,
    timeout: timedelta,
    stopped: T,
    person: str | None = None,
) -> T | None:
    """The result of a workflow on the queue of turns; one of that id that runs is waited for, and not started again.

    None where it goes on after ``timeout``; ``stopped`` where somebody stopped it. ``person`` as above. RPCError.
    """
    handle: WorkflowHandle[Any, T] = await client.start_workflow(
        workflow,
        request,
        id=id,
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=type(stopped),
        static_summary=summary,
        search_attributes=_found_by(person),
        rpc_timeout=RPC_TIMEOUT,
    )
    return await wait(handle, timeout, stopped)


async def wait(handle: WorkflowHandle[Any, T], timeout: timedelta, stopped: T) -> T | None:
    """The result of a workflow that answers with one, unless somebody stops it; as above."""
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            return await handle.result()
    except TimeoutError:
        return None
    except WorkflowFailureError:
        return stopped


def _found_by(person: str | None) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(attributes.USER, person)] if person else [])
