"""Telling turns of the answers that a person has just given."""

import logging
from collections.abc import Sequence

from temporalio.client import Client
from temporalio.service import RPCError

from store.answers import Answer, Kind
from store.database import Pool
from temporal.starting import answers

log = logging.getLogger(__name__)


async def tell(client: Client, pool: Pool, kind: Kind, given: Sequence[Answer]) -> None:
    """Tell the turns of what is kept already. Where Temporal does not answer, a worker tells them within seconds."""
    for each in given:
        try:
            await answers.tell(client, each.turn_id, each.step, each.call_id)
        except RPCError as error:
            log.warning("%s does not know of its answer yet: %s", each.turn_id, error.status.name)
        else:
            await kind.mark_told(pool, [each.id])
