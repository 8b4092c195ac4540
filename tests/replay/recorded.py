"""Histories of what has run just now, as files."""

import asyncio
import json
import os
from typing import Any

from temporalio.client import Client

from temporal import attributes
from tests.replay.test_replay import HISTORIES

SCRUBBED = {"identity": "recorder", "stackTrace": ""}


async def record(client: Client, name: str, workflow_id: str) -> None:
    """Keep the history of a workflow; ``RELEASE`` is in the environment."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    scrubbed = _scrub(history.to_json_dict())
    text = json.dumps({"workflow_id": workflow_id, "history": scrubbed}, indent=1)
    await asyncio.to_thread((HISTORIES / f"{os.environ['RELEASE']}-{name}.json").write_text, text + "\n")


def _scrub(value: Any) -> Any:
    """Without the names and the paths of the machine that recorded it."""
    if isinstance(value, dict):
        return {key: SCRUBBED.get(key, _scrub(item)) for key, item in value.items()}
    return [_scrub(item) for item in value] if isinstance(value, list) else value


async def closed(client: Client, turn_id: str) -> str:
    """Wait for the end of a workflow; returns its id."""
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get_workflow_handle(turn_id).describe()).close_time:
                    return turn_id
            except Exception as error:
                if "not found" not in str(error).lower():
                    raise
            await asyncio.sleep(0.05)


async def only_of(client: Client, person: str) -> str:
    """The only workflow of a person; the list of them lags behind."""
    async with asyncio.timeout(30):
        while True:
            found = [each.id async for each in client.list_workflows(f"{attributes.USER.name} = '{person}'")]
            if found:
                return found[0]
            await asyncio.sleep(0.1)
