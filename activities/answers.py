"""Answers of people whose turns have not heard of them: the process that took the answer died before it told them."""

import asyncio
import logging

from temporalio.client import Client
from temporalio.service import RPCError

from clara.turn import CallPlace
from store import approvals, plugin_questions
from store.database import Pool
from temporal.processes.interceptor import AWAY
from temporal.starting import answers

log = logging.getLogger(__name__)

LOOK_S = 10.0


async def tell_all(pool: Pool, client: Client) -> int:
    """Tell the turns; how many there were. Raises RPCError."""
    given = await approvals.untold(pool)
    for each in given:
        await answers.tell(client, each.turn_id, CallPlace(step=each.step, call_id=each.call_id))
        await approvals.mark_told(pool, [each.id])
    to_plugins = await plugin_questions.untold(pool)
    for said in to_plugins:
        await answers.tell(client, said.turn_id, CallPlace(step=said.step, call_id=said.call_id))
        await plugin_questions.mark_told(pool, [said.id])
    return len(given) + len(to_plugins)


async def keep_told(pool: Pool, client: Client) -> None:
    """For the life of a worker."""
    while True:
        try:
            await tell_all(pool, client)
        except (RPCError, *AWAY) as error:
            log.warning("answers could not be passed to their turns, trying again: %s", type(error).__name__)
        await asyncio.sleep(LOOK_S)
