"""What Clara needs of a Temporal server, embedded or not: its namespace and her search attributes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from clara.errors import Misconfigured
from clara.settings import Settings, environment
from temporal import attributes
from temporal.client import RPC_TIMEOUT, connect

T = TypeVar("T")

RETENTION = timedelta(days=30)
"""How long ended turns are kept: for the web page, and to refuse a message that is delivered again late."""

_CONNECT_S = 10

_PROPAGATION_S = 30
"""A server of several processes takes some seconds until all of them have heard of something new."""


async def connected(settings: Settings) -> Client:
    """A client for the server of these settings; RuntimeError or TimeoutError if it does not answer."""
    async with asyncio.timeout(_CONNECT_S):
        return await connect(environment(), settings.runtime.temporal_address)


async def retention(client: Client) -> timedelta | None:
    """How long the namespace keeps what has ended; None if there is no such namespace."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def missing_attributes(client: Client) -> dict[str, "IndexedValueType.ValueType"]:
    """Clara's search attributes that the namespace does not have yet, with their types."""
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_TIMEOUT
    )
    wanted = {
        key.name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}") for key in attributes.ALL
    }
    return {name: kind for name, kind in wanted.items() if name not in found.custom_attributes}


async def is_polled(client: Client, queue: str) -> bool:
    """Whether a worker serves ``queue``: the server remembers one for minutes, a living one asks once a minute.

    It is asked for activities, because every role has some and not every one has workflows.
    """
    kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    found = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind),
        timeout=RPC_TIMEOUT,
    )
    recently = datetime.now(UTC) - timedelta(seconds=90)
    return any(poller.last_access_time.ToDatetime(UTC) > recently for poller in found.pollers)


async def prepare(client: Client, own: bool) -> None:
    """Make the namespace fit for Clara. On a server of her ``own`` she also sets how long it keeps things.

    Raises Misconfigured if the namespace is missing on somebody else's server, RPCError for the rest.
    """
    kept = await retention(client)
    if kept is None and not own:
        raise Misconfigured(
            f"TEMPORAL_NAMESPACE: the server has no namespace {client.namespace}. Create it with: "
            f"temporal operator namespace create --namespace {client.namespace} --retention {RETENTION.days}d"
        )
    seconds = Duration(seconds=int(RETENTION.total_seconds()))
    if kept is None:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=seconds),
            timeout=RPC_TIMEOUT,
        )
    elif own and kept < RETENTION:
        request = UpdateNamespaceRequest(namespace=client.namespace)
        request.config.workflow_execution_retention_ttl.CopyFrom(seconds)
        await client.workflow_service.update_namespace(request, timeout=RPC_TIMEOUT)
    missing = await _patiently(lambda: missing_attributes(client))
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing), timeout=RPC_TIMEOUT
        )
        query = " AND ".join(f"{key.name} IS NULL" for key in attributes.ALL)
        await _patiently(lambda: client.count_workflows(query, rpc_timeout=RPC_TIMEOUT))


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    deadline = time.monotonic() + _PROPAGATION_S
    while True:
        try:
            return await call()
        except RPCError as error:
            unheard = error.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND)
            if not unheard or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.5)
