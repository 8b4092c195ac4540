"""Whether somebody takes the work that Temporal has: workers for turns, adapters for deliveries."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psutil
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client
from temporalio.service import RPCError

from clara.errors import ClaraError
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.servers import namespace
from gateway.servers.reached import reached
from temporal import queues
from temporal.client import RPC_TIMEOUT

NAME = "polling"

QUIET_S = 75
"""A living worker asks anew at least once a minute; one that is quiet for longer has stopped."""

WAITING_S = 30
"""Work that nobody has taken for so long is not going to be taken."""


@dataclass(frozen=True)
class Queue:
    """What the server knows of a queue: when each worker asked last, and since when the oldest work waits."""

    quiet_s: dict[str, float]
    """Seconds by the worker's identity, which is process@host unless somebody chose another."""
    waiting: int = 0
    waiting_s: float = 0


async def check(facts: Facts) -> list[Finding]:
    if not facts.can_ask_temporal:
        return []
    try:
        with reached():
            client = await namespace.connected(facts.settings)
            found = [await _of_role(client, facts, *role) for role in queues.OF_ROLES.items()]
            if facts.settings.discord.enabled and facts.supervision.of("discord"):
                found += adapter("discord", await _queue(client, queues.delivery("discord")))
            return found
    except (ClaraError, ValueError, RuntimeError, RPCError):
        return []  # the server's own check has told


async def _of_role(client: Client, facts: Facts, role: str, name: str) -> Finding:
    queue = await _queue(client, name)
    if facts.supervision.running:
        queue = living(queue, _has_ended)
    if name == queues.TURNS:
        return workers(queue, _frozen_here)
    return served(role, queue)


async def _queue(client: Client, name: str) -> Queue:
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    answers = [await _describe(client, name, kind) for kind in kinds]
    now = datetime.now(UTC)
    quiet: dict[str, float] = {}
    for poller in answers[0].pollers:  # every worker asks for activities, and not each for workflows
        seconds = (now - poller.last_access_time.ToDatetime(UTC)).total_seconds()
        quiet[poller.identity] = min(seconds, quiet.get(poller.identity, seconds))
    return Queue(
        quiet,
        sum(answer.stats.approximate_backlog_count for answer in answers),
        max(answer.stats.approximate_backlog_age.ToTimedelta().total_seconds() for answer in answers),
    )


async def _describe(client: Client, name: str, kind: "TaskQueueType.ValueType") -> DescribeTaskQueueResponse:
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=name), task_queue_type=kind, report_stats=True
        ),
        timeout=RPC_TIMEOUT,
    )


def living(queue: Queue, has_ended: Callable[[str], bool]) -> Queue:
    """``queue`` without workers that were killed just now, which the server does not know yet."""
    return replace(queue, quiet_s={name: s for name, s in queue.quiet_s.items() if not has_ended(name)})


def _has_ended(identity: str) -> bool:
    """Whether that was a process of this machine. Only where the workers are known to be this home's own:
    a container may have this machine's name and process numbers of its own."""
    pid, _, host = identity.partition("@")
    return host == socket.gethostname() and pid.isdigit() and not psutil.pid_exists(int(pid))


def _frozen_here(identity: str) -> bool:
    """Whether that is a process of this machine which a signal has stopped."""
    pid, _, host = identity.partition("@")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return psutil.Process(int(pid)).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False


def workers(queue: Queue, is_frozen: Callable[[str], bool] = _frozen_here) -> Finding:
    """The verdict on the queue of turns; ``is_frozen`` tells by a worker's identity."""
    start = "clara start; with docker compose: docker compose up -d worker"
    if not queue.quiet_s:
        return broken(NAME, "no worker is polling, so nothing is answered", f"See: clara logs worker. Or: {start}")
    living = [name for name, seconds in queue.quiet_s.items() if seconds <= QUIET_S and not is_frozen(name)]
    frozen = [name for name in queue.quiet_s if is_frozen(name)]
    if not living:
        seconds = min(queue.quiet_s.values())
        what = f"no worker is polling: the last one asked {seconds:.0f} s ago"
        if frozen:
            what = f"no worker is polling: {', '.join(frozen)} is stopped (SIGSTOP)"
        return broken(NAME, what, "clara restart worker; with docker compose: docker compose restart worker")
    count = f"{len(living)} worker{'s' if len(living) > 1 else ''}"
    if queue.waiting and queue.waiting_s > WAITING_S:
        words = f"{count} polling, and yet work has been waiting for {queue.waiting_s:.0f} s"
        return warn(NAME, words, "More workers: CLARA_WORKERS, then clara restart. Or see: clara logs worker")
    if frozen:
        return warn(NAME, f"{count} polling; {', '.join(frozen)} is stopped (SIGSTOP)", "clara restart worker")
    return ok(NAME, f"{count} polling")


def served(role: str, queue: Queue) -> Finding:
    """The verdict on the queue of a role beside that of turns: without it the rest goes on."""
    count = sum(seconds <= QUIET_S for seconds in queue.quiet_s.values())
    if count:
        return ok(f"{role} tasks", f"{count} worker{'s' if count > 1 else ''} polling")
    fix = f"clara restart worker; with docker compose: docker compose up -d {role}"
    return warn(f"{role} tasks", f"no worker serves the role {role}, so what only it can do waits", fix)


def adapter(name: str, queue: Queue) -> list[Finding]:
    """The verdict on an adapter's queue of deliveries."""
    if any(seconds <= QUIET_S for seconds in queue.quiet_s.values()):
        return [ok(f"{name} deliveries", "the adapter is polling")]
    words = f"the adapter of {name} is not polling, so replies wait"
    return [warn(f"{name} deliveries", words, f"See: clara logs {name}. Then: clara restart {name}")]
