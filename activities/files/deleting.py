"""Deletion in S3 of what nobody keeps any more, also where S3 was away when it was let go of."""

import asyncio
import logging

import psycopg
from psycopg_pool import PoolTimeout

from activities.files.s3 import ObjectStore
from clara.errors import ClaraError
from store.database import Pool
from store.files import kept, objects

log = logging.getLogger(__name__)

PAUSE_S = 20.0


async def keep_deleting(pool: Pool, store: ObjectStore | None, pause: float = PAUSE_S) -> None:
    """For ever, every few seconds; at once where there is no S3."""
    while store is not None:
        try:
            await kept.delete_abandoned(pool)
            await delete_due(pool, store)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("what is to be deleted in S3 is not known: %s", type(error).__name__)
        await asyncio.sleep(pause)


async def delete_due(pool: Pool, store: ObjectStore) -> int:
    """Delete what it is time for; returns how much of it is gone. What stays is tried again, ever more rarely."""
    gone = 0
    for doomed in await objects.due(pool):
        try:
            await store.delete(doomed.bucket, doomed.object)
        except ClaraError as error:
            log.warning("S3: %s/%s could not be deleted: %s", doomed.bucket, doomed.object, error)
            await objects.postpone(pool, doomed)
        else:
            await objects.deleted(pool, doomed)
            gone += 1
    return gone
