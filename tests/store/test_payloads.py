"""Large payloads of Temporal: stored once, found again, and told apart from lost ones."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import StorageDriverClaim, StorageDriverRetrieveContext, StorageDriverStoreContext

from store.database import Pool
from store.payloads import PostgresPayloads
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation


async def test_same_payload_is_stored_once(pool: Pool) -> None:
    driver = PostgresPayloads(pool)
    payload = Payload(metadata={"encoding": b"json/plain"}, data=b"x" * 100_000)
    claims = await driver.store(StorageDriverStoreContext(), [payload, payload])
    again = await driver.store(StorageDriverStoreContext(), [payload])
    assert claims[0] == claims[1] == again[0]
    assert await driver.retrieve(StorageDriverRetrieveContext(), claims) == [payload, payload]
    with pytest.raises(LookupError, match="not in the store any more"):
        await driver.retrieve(StorageDriverRetrieveContext(), [StorageDriverClaim({"sha256": "00" * 32})])


async def test_long_message_leaves_a_small_history(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, lambda p: "ok") as talk:
        text = "".join(chr(0x4E00 + n % 5_000) for n in range(90_000))
        turn = await talk.ask(text)
        assert turn.message.text == text
        for workflow_id in (turn.id, f"conversation/{talk.key.id}"):
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            assert sum(event.ByteSize() for event in history.events) < 20_000
