"""Answers of people whose turns have not heard of them: the process that took the answer died before it told them."""

import asyncio
import logging

from temporalio.client import Client
from temporalio.service import RPCError

from store.answers import KINDS
from store.database import Pool
from temporal.processes.interceptor import AWAY
from temporal.starting import answers

log = logging.getLogger(__name__)

LOOK_S = 10.0


async def tell_all(pool: Pool, client: Client) -> int:
    """Tell the turns; how many there were. Raises RPCError."""
    told = 0
    for kind in KINDS:
        for each in await kind.untold(pool):
            await answers.tell(client, each.turn_id, each.step, each.call_id)
            await kind.mark_told(pool, [each.id])
            told += 1
    return told


async def keep_told(pool: Pool, client: Client) -> None:
    """For the life of a worker."""
    while True:
        try:
            await tell_all(pool, client)
        except (RPCError, *AWAY) as error:
            log.warning("answers could not be passed to their turns, trying again: %s", type(error).__name__)
        await asyncio.sleep(LOOK_S)
