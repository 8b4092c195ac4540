"""Keeping Temporal's schedules as the store and the operator's file say."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from clara.errors import Misconfigured
from clara.schedules.tasks import PREFIX, Task
from clara.sources import scheduler
from store.database import Pool
from store.schedules import operators, schedules
from temporal import schedules as planning
from temporal.processes.interceptor import AWAY
from temporal.schedules import Planned

log = logging.getLogger(__name__)

AGAIN_S = 5.0


async def plan_peoples(pool: Pool, client: Client) -> None:
    """All schedules of people, as the store has them; what Temporal has beside them is deleted."""
    wanted = {schedule.id: schedule for schedule in await schedules.everybodys(pool)}
    for schedule in wanted.values():
        await planning.plan(client, schedule)
    for id in await planning.ids(client):
        # Looked up again: the list may be older than what it is held against.
        if id not in wanted and not id.startswith(PREFIX) and await schedules.get(pool, id) is None:
            await planning.delete(client, id)


async def plan_operators(pool: Pool, client: Client, tasks: Sequence[Task], zone: str) -> None:
    """Those of the operator's file, and no others of theirs."""
    since = await operators.apply(pool, tasks)
    wanted = {task.schedule_id: task for task in tasks if task.enabled}
    for id, task in wanted.items():
        await planning.apply(client, Planned(id, task.when(since[task.name], zone), paused=False, about=task.name))
    for id in await planning.ids(client):
        if id.startswith(PREFIX) and id not in wanted:
            await planning.delete(client, id)
    if tasks:
        log.info("the operator's schedules: %s", ", ".join(task.name for task in tasks))


async def plan_all(pool: Pool, client: Client, home: Path, zone: str) -> None:
    """For a worker that starts: what was written while Temporal was away, restored or replaced is made up for."""
    while True:
        try:
            await plan_peoples(pool, client)
            await plan_operators(pool, client, scheduler.read(home, zone), zone)
        except Misconfigured as error:
            log.error("the operator's schedules stay as they were: %s", error)
            return
        except (RPCError, *AWAY) as error:
            log.warning("schedules could not be planned, trying again: %s", type(error).__name__)
            await asyncio.sleep(AGAIN_S)
        else:
            return
