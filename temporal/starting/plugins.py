"""Installing plugins, and looking after them, from outside of workflows: by the names of the workflows that do it.

Whoever calls has checked that the person may. All functions raise RPCError where Temporal does not answer.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from clara.plugins.requests import (
    Address,
    Hits,
    InstallRequest,
    PluginOutcome,
    PluginRequest,
    SearchRequest,
)
from temporal import attributes, queues
from temporal.client import RPC_TIMEOUT
from temporal.starting.once import start_once

INSTALL, REMOVE, REFRESH, SEARCH = "PluginInstall", "PluginRemove", "PluginRefresh", "PluginSearch"

Handle = WorkflowHandle[Any, PluginOutcome]


def install_id(plugin_id: str) -> str:
    return f"plugin/{plugin_id}/install"


async def install(client: Client, request: InstallRequest) -> str:
    """Begin an installation and return the plugin's id; a request with the same key joins the first one."""
    id = request.plugin_id
    await start_once(
        client, INSTALL, request, id=install_id(id), summary=f"install {request.source[:100]}", person=request.user_id
    )
    return id


async def outcome(client: Client, plugin_id: str, timeout: timedelta) -> PluginOutcome | None:
    """How an installation ended; None while it goes on, after ``timeout``."""
    handle: Handle = client.get_workflow_handle(install_id(plugin_id), result_type=PluginOutcome)
    return await _outcome(plugin_id, handle, timeout)


async def progress(client: Client, plugin_id: str) -> str:
    """What an installation is doing, in a few words; empty where none is known, or no worker answers."""
    try:
        said: str = await client.get_workflow_handle(install_id(plugin_id)).query(
            "progress", result_type=str, rpc_timeout=RPC_TIMEOUT
        )
    except RPCError:
        return ""
    return said


async def announce(client: Client, plugin_id: str, address: Address) -> bool:
    """Have somebody told of the end of an installation; False where it has ended, so that ``outcome`` knows it."""
    try:
        await client.get_workflow_handle(install_id(plugin_id)).signal("announce", address, rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def remove(client: Client, request: PluginRequest, timeout: timedelta) -> PluginOutcome | None:
    """End and delete a plugin, also one that is just being installed; None while that goes on, after ``timeout``."""
    return await _asked(client, REMOVE, "remove", request, timeout)


async def refresh(client: Client, request: PluginRequest, timeout: timedelta) -> PluginOutcome | None:
    """See again which tools a plugin has; None while that goes on, after ``timeout``."""
    return await _asked(client, REFRESH, "refresh", request, timeout)


async def search(client: Client, query: str, unique: str, timeout: timedelta) -> Hits | None:
    """Servers of the registry, or in ``problem`` why there are none; None after ``timeout``.

    ``unique`` names the wish, as the key of a tool call or the id of a message does.
    """
    handle = await client.start_workflow(
        SEARCH,
        SearchRequest(query=query),
        id=f"plugin-search/{unique}",
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=Hits,
        static_summary="search for plugins",
        rpc_timeout=RPC_TIMEOUT,
    )
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            found: Hits = await handle.result()
            return found
    except TimeoutError:
        return None
    except WorkflowFailureError:
        return Hits(problem="The search was stopped.")


async def _asked(
    client: Client, workflow: str, verb: str, request: PluginRequest, timeout: timedelta
) -> PluginOutcome | None:
    handle = await client.start_workflow(
        workflow,
        request,
        id=f"plugin/{request.plugin_id}/{verb}",
        task_queue=queues.TURNS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=PluginOutcome,
        static_summary=f"{verb} a plugin",
        search_attributes=TypedSearchAttributes([SearchAttributePair(attributes.USER, request.user_id)]),
        rpc_timeout=RPC_TIMEOUT,
    )
    return await _outcome(request.plugin_id, handle, timeout)


async def _outcome(plugin_id: str, handle: Handle, timeout: timedelta) -> PluginOutcome | None:
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            return await handle.result()
    except TimeoutError:
        return None
    except WorkflowFailureError:  # it answers with an outcome, unless somebody cancelled or terminated it
        return PluginOutcome(plugin_id=plugin_id, state="gone", sentence="It was stopped before it was done.")
