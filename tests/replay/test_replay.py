"""Histories of earlier releases still replay: what runs while Clara is upgraded goes on.

``RECORD=2026.47 make test`` (or pytest on this file) records the histories of the present code
beside the older ones. Record for a release; a change that breaks an older history belongs behind
``workflow.patched``.
"""

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from clara.conversation import Stop
from clara.errors import ModelRefused, Unavailable
from clara.models import Prompt
from clara.settings import load
from store.database import Pool
from temporal import ids
from temporal.client import data_converter
from temporal.runner import workflow_runner
from tests.conftest import StartWorker
from tests.workflows.conversations import call, conversation, last_text
from tests.workflows.test_turn import results
from workers.options import WORKFLOWS

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_history_replays(path: Path) -> None:
    history = json.loads(path.read_text())
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=data_converter())
    await replayer.replay_workflow(WorkflowHistory.from_json(history["workflow_id"], history["history"]))


def test_there_are_histories() -> None:
    kinds = {path.stem.split("-", 1)[1] for path in RECORDED}
    assert kinds >= {"answered", "tools", "stopped", "failed", "fallback", "conversation"}


async def _record(client: Client, name: str, workflow_id: str) -> None:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    scrubbed = _scrub(history.to_json_dict())
    text = json.dumps({"workflow_id": workflow_id, "history": scrubbed}, indent=1)
    (HISTORIES / f"{os.environ['RECORD']}-{name}.json").write_text(text + "\n")


def _scrub(value: Any) -> Any:
    """Without the names of the machine that recorded it."""
    if isinstance(value, dict):
        return {key: "recorder" if key == "identity" else _scrub(item) for key, item in value.items()}
    return [_scrub(item) for item in value] if isinstance(value, list) else value


@pytest.mark.skipif("RECORD" not in os.environ, reason="records golden histories only when RECORD names a release")
async def test_record(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    down = [Unavailable("down", "server", timedelta(milliseconds=10))] * 3

    async def answer(prompt: Prompt) -> Any:
        text = last_text(prompt)
        if results(prompt):
            return "used tools"
        if text == "tools":
            return (*call("current_time", "a"), *call("list_notes", "b"), *call("save_note", "c", title="t", text="x"))
        if text == "stop":
            await asyncio.sleep(60)
        if text == "fail":
            return ModelRefused("No.", "bad_request")
        if text == "fallback" and down:
            return down.pop()
        return "answered"

    keys = {"ANTHROPIC_API_KEY": "k", "NANOGPT_API_KEY": "k", "LLM_FALLBACKS": "nanogpt"}
    async with conversation(client, pool, start_worker, answer, settings=load(keys)) as talk:
        for name in ("answered", "tools", "fail", "fallback"):
            await _record(client, {"fail": "failed"}.get(name, name), await _closed(client, await talk.say(name)))
        turn_id = await talk.say("stop")
        await asyncio.sleep(0.5)
        await talk.door.stop(talk.key, Stop())
        await talk.ended(turn_id)
        await _record(client, "stopped", await _closed(client, turn_id))
        await _record(client, "conversation", ids.conversation_id(talk.key))


async def _closed(client: Client, turn_id: str) -> str:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get_workflow_handle(turn_id).describe()).close_time:
                    return turn_id
            except Exception as error:
                if "not found" not in str(error).lower():
                    raise
            await asyncio.sleep(0.05)
