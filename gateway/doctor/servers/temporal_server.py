"""Temporal: whether it answers, its namespace, its search attributes and its clock."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, timedelta

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollActivityTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from clara.errors import ClaraError
from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.doctor.servers.database import skew
from gateway.servers import namespace
from gateway.servers.reached import reached
from temporal import attributes
from temporal.client import RPC_TIMEOUT

_CLOCK_QUEUE = "clara-doctor"
"""Nobody serves it and nobody sends to it."""
_CLOCK_TRIES = 20


async def check(facts: Facts) -> list[Finding]:
    if not facts.can_ask_temporal:
        return []
    settings = facts.settings
    try:
        with reached():
            client = await namespace.connected(settings)
            return await _of(client, settings)
    except (ClaraError, ValueError, RuntimeError) as error:
        where = address(facts)
        if settings.runtime.embedded_temporal:
            return [broken("temporal", f"{where} does not answer", "See: clara logs temporal")]
        reason = "it does not answer" if isinstance(error, ClaraError) else str(error)
        fix = "Check TEMPORAL_ADDRESS, and that its server can be reached."
        if settings.runtime.temporal_profile:
            fix = "Check TEMPORAL_PROFILE and the file that it is in (TEMPORAL_CONFIG_FILE)."
        return [broken("temporal", f"{where}: {reason}", fix)]


def address(facts: Facts) -> str:
    runtime = facts.settings.runtime
    if runtime.embedded_temporal:
        return (facts.record or {}).get("temporal_address", "the embedded server")
    return runtime.outside_temporal or f"the server of the profile {runtime.temporal_profile}"


async def _of(client: Client, settings: Settings) -> list[Finding]:
    target = client.service_client.config.target_host
    kept = await namespace.retention(client)
    if kept is None:
        fix = (
            f"temporal operator namespace create --namespace {client.namespace} "
            f"--retention {namespace.RETENTION.days}d, or correct TEMPORAL_NAMESPACE"
        )
        return [broken("temporal", f"{target} has no namespace {client.namespace}", fix)]
    found = [ok("temporal", f"{target}, namespace {client.namespace}"), _retention(kept, client.namespace)]
    return [*found, await _attributes(client, settings), *await _clock(client)]


def _retention(kept: timedelta, name: str) -> Finding:
    words = f"ended turns are kept for {kept.days} days"
    if kept >= namespace.RETENTION:
        return ok("retention", words)
    fix = (
        f"temporal operator namespace update --namespace {name} --retention {namespace.RETENTION.days}d, "
        "or a message that is delivered again late is answered again."
    )
    return warn("retention", words, fix)


async def _attributes(client: Client, settings: Settings) -> Finding:
    try:
        mistyped = await _mistyped(client)
        missing = await namespace.missing_attributes(client)
    except RPCError as error:
        return warn("search attributes", f"cannot be listed: {error.message}", "See that they are registered.")
    if mistyped:
        fix = f"temporal operator search-attribute remove --name {mistyped[0]}, then: clara doctor --fix"
        return broken("search attributes", f"of another type than Clara's: {', '.join(mistyped)}", fix)
    if not missing:
        return ok("search attributes", "all registered")

    def register() -> str:
        asyncio.run(_prepare(settings))
        return f"registered {', '.join(missing)}"

    words = f"missing: {', '.join(missing)}, without which no turn can begin"
    return broken("search attributes", words, "clara start registers them, and so does clara doctor --fix", register)


async def _mistyped(client: Client) -> list[str]:
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_TIMEOUT
    )
    there = found.custom_attributes
    return [
        key.name
        for key in attributes.ALL
        if key.name in there
        and there[key.name] != IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}")
    ]


async def _prepare(settings: Settings) -> None:
    client = await namespace.connected(settings)
    await namespace.prepare(client, own=settings.runtime.embedded_temporal)


async def _clock(client: Client) -> list[Finding]:
    """Compare clocks: the server notes when a queue was last asked for work, so we ask an empty one."""
    queue = TaskQueue(name=_CLOCK_QUEUE)
    asked = time.time()
    poll = asyncio.create_task(
        client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity="clara doctor"),
            timeout=timedelta(seconds=10),
            retry=False,
        )
    )
    try:
        for _ in range(_CLOCK_TRIES):
            await asyncio.sleep(0.1)
            found = await client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=client.namespace,
                    task_queue=queue,
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                ),
                timeout=RPC_TIMEOUT,
            )
            times = [poller.last_access_time.ToDatetime(UTC).timestamp() for poller in found.pollers]
            if times:
                # An earlier doctor's entry may be there too; the newest is ours.
                return skew("Temporal server", max(times), asked, time.time())
    finally:
        poll.cancel()
        with suppress(asyncio.CancelledError, RPCError):
            await poll
    return []
