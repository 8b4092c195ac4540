"""Temporal's large payloads: kept here, with a reference in the history.

Content-addressed, so that the same message in three histories is stored once. Rows must outlive
the namespace's retention, because a replay without them fails.
"""

import hashlib
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
)

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (
    # Younger ones are left: a conversation that is running, perhaps with others, could not go on without them.
    Personal(
        "payloads",
        "payloads",
        "t.created_at < now() - interval '49 hours'"
        " and position(convert_to('\"id\":\"' || %(person)s || '\"', 'UTF8') in t.data) > 0",
        export=None,
    ),
)


class PostgresPayloads(StorageDriver):
    """Temporal's external storage in Clara's own database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def name(self) -> str:
        return "clara-postgres"

    async def store(self, context: StorageDriverStoreContext, payloads: Sequence[Payload]) -> list[StorageDriverClaim]:
        rows = [(hashlib.sha256(data).digest(), data) for p in payloads for data in [p.SerializeToString()]]
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into payloads (digest, data) values (%s, %s)"
                " on conflict (digest) do update set created_at = now()",
                rows,
            )
        return [StorageDriverClaim({"sha256": digest.hex()}) for digest, _ in rows]

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        wanted = [bytes.fromhex(claim.claim_data["sha256"]) for claim in claims]
        async with self._pool.connection() as connection:
            rows = await (
                await connection.execute("select digest, data from payloads where digest = any(%s)", (wanted,))
            ).fetchall()
        found = {bytes(row["digest"]): bytes(row["data"]) for row in rows}
        missing = [digest.hex() for digest in wanted if digest not in found]
        if missing:
            raise LookupError(f"payload {missing[0]} is not in the store any more")
        return [Payload.FromString(found[digest]) for digest in wanted]
