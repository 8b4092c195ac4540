"""Large payloads of Temporal: stored once, found again, and told apart from lost ones."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import StorageDriverClaim, StorageDriverRetrieveContext, StorageDriverStoreContext

from store.database import Pool
from store.payloads import PostgresPayloads


async def test_same_payload_is_stored_once(pool: Pool) -> None:
    driver = PostgresPayloads(pool)
    payload = Payload(metadata={"encoding": b"json/plain"}, data=b"x" * 100_000)
    claims = await driver.store(StorageDriverStoreContext(), [payload, payload])
    again = await driver.store(StorageDriverStoreContext(), [payload])
    assert claims[0] == claims[1] == again[0]
    assert await driver.retrieve(StorageDriverRetrieveContext(), claims) == [payload, payload]
    with pytest.raises(LookupError, match="not in the store any more"):
        await driver.retrieve(StorageDriverRetrieveContext(), [StorageDriverClaim({"sha256": "00" * 32})])
