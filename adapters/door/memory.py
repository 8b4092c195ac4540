"""What people ask of their own memory: a workflow of its own answers it."""

import asyncio
import json
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from clara.errors import UserError
from clara.memory.kinds import scope
from clara.memory.requests import MemoryCommand
from store.database import Pool
from store.memory import requests
from temporal import client as temporal_client
from temporal import ids, queues
from workflows.remember import MemoryCommandWorkflow

log = logging.getLogger(__name__)

LIMIT_S = 30
"""A person waits so long for an answer about their memory."""

SILENT = "My memory does not answer just now. Please try again in a moment."


@dataclass(frozen=True)
class MemoryAnswer:
    text: str
    """For the person who asked, and for nobody else; an export is JSON."""
    is_forgotten: bool = False
    """The person was forgotten, so that what the face keeps of them has to go as well."""


async def answer(client: Client, pool: Pool, command: MemoryCommand) -> MemoryAnswer:
    """Have a command carried out. Its words and the answer's are in the store meanwhile, and in no history."""
    reference = ids.memory_command_id(command.user_id, uuid.uuid4().hex)
    try:
        owner = scope(command.user_id)
        async with asyncio.timeout(LIMIT_S):
            await requests.keep(pool, reference, owner, command.argument)
            try:
                return await _answer(client, pool, command.model_copy(update={"argument": "", "reference": reference}))
            finally:
                await requests.take(pool, reference, owner)
    except UserError as error:
        return MemoryAnswer(str(error))
    except (TimeoutError, RPCError, WorkflowFailureError, psycopg.Error) as error:
        log.warning("%s: memory %s was not answered: %s", command.user_id, command.name, type(error).__name__)
        return MemoryAnswer(SILENT)


async def _answer(client: Client, pool: Pool, command: MemoryCommand) -> MemoryAnswer:
    assert command.reference is not None
    handle = await client.start_workflow(
        MemoryCommandWorkflow.run,
        command,
        id=command.reference,
        task_queue=queues.TURNS,
        execution_timeout=timedelta(seconds=LIMIT_S),
        rpc_timeout=temporal_client.RPC_TIMEOUT,
    )
    said = await handle.result()
    reply = said if said.text else await requests.take(pool, command.reference, scope(command.user_id))
    if reply is None:
        return MemoryAnswer(SILENT)
    words = json.dumps(reply.data, indent=2, ensure_ascii=False) if command.name == "export" else reply.text
    return MemoryAnswer(words, is_forgotten=command.name == "forget-me" and reply.data is not None)
