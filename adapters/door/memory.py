"""What people ask of their own memory: a workflow of its own answers it."""

import asyncio
import json
import logging
import uuid
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from clara.memory.requests import MemoryCommand
from temporal import client as temporal_client
from temporal import ids, queues
from workflows.remember import MemoryCommandWorkflow

log = logging.getLogger(__name__)

LIMIT_S = 30
"""A person waits so long for an answer about their memory."""

SILENT = "My memory does not answer just now. Please try again in a moment."


async def answer(client: Client, command: MemoryCommand) -> str:
    """The words for the person who asked, and for nobody else; an export is JSON."""
    try:
        async with asyncio.timeout(LIMIT_S):
            handle = await client.start_workflow(
                MemoryCommandWorkflow.run,
                command,
                id=ids.memory_command_id(command.user_id, uuid.uuid4().hex),
                task_queue=queues.TURNS,
                execution_timeout=timedelta(seconds=LIMIT_S),
                rpc_timeout=temporal_client.RPC_TIMEOUT,
            )
            reply = await handle.result()
    except (TimeoutError, RPCError, WorkflowFailureError) as error:
        log.warning("%s: memory %s was not answered: %s", command.user_id, command.name, type(error).__name__)
        return SILENT
    return json.dumps(reply.data, indent=2, ensure_ascii=False) if command.name == "export" else reply.text
