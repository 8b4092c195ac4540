"""Having turns that wait for a budget ask again, because there may be room now."""

import logging
from collections.abc import Sequence

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from store import budgets
from store.database import Pool
from temporal.client import RPC_TIMEOUT

log = logging.getLogger(__name__)


async def wake(client: Client, turn_ids: Sequence[str]) -> int:
    """Tell these turns, and return to how many it could be told. Raises RPCError where Temporal does not answer.

    One that still does not fit waits on; to repeat this is safe.
    """
    told = 0
    for turn_id in turn_ids:
        try:
            await client.get_workflow_handle(turn_id).signal("budget_raised", rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            told += 1
    return told


async def wake_all(pool: Pool, client: Client) -> None:
    """For a worker that starts: its settings may allow what those before it did not."""
    try:
        told = await wake(client, await budgets.waiting(pool))
    except RPCError as error:
        log.warning("turns that wait for a budget were not told to ask again: %s", error.status.name)
    else:
        if told:
            log.info("%d turns that waited for a budget ask again", told)
