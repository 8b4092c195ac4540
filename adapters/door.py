"""The one door from adapters to workflows: say, stop, and what a conversation is doing."""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from clara.conversation import UNREAD_BYTES, ConversationStatus, Inbox, Stop
from clara.errors import InboxFull, Misconfigured
from clara.memory import requests
from clara.messages import ConversationKey, Incoming, check_length
from clara.notices import Notice, NoticeRequest
from clara.settings import Settings, environment
from clara.text import storable
from clara.turn import CallPlace
from store import conversations, notices, waits
from store.database import Pool, open_pool
from store.payloads import PostgresPayloads
from temporal import attributes, ids, queues
from temporal import client as temporal_client
from temporal import notices as sending
from workflows.conversation import ConversationWorkflow
from workflows.remember import MemoryCommandWorkflow

log = logging.getLogger(__name__)

PROJECT_S = 1.0

FULL = "So many messages wait here that I take no more for now. Please wait for some answers and send it again."

MEMORY_S = 30
"""A person waits so long for an answer about their memory."""


class Door:
    """What an adapter may do with conversations."""

    def __init__(self, client: Client, pool: Pool, memory: bool = True) -> None:
        self.client = client
        self.pool = pool
        self._memory = memory

    async def say(self, message: Incoming) -> str:
        """Hand over a message; when this returns, it is accepted and will be answered once.

        Returns the turn's id. Raises UserError for a message that is too long, InboxFull where too
        much waits already, and RPCError when Temporal cannot be reached: then nothing was accepted,
        and saying it again is safe.
        Calls for one conversation must follow one another, or their order is not kept.
        """
        check_length(message.text)
        message = message.model_copy(
            update={"project": await self._project(message.conversation)} if self._memory else {"memory": False}
        )
        await self._check_room(message.conversation)
        try:
            await self.client.start_workflow(
                ConversationWorkflow.run,
                Inbox(conversation_id=message.conversation.id),
                id=ids.conversation_id(message.conversation),
                task_queue=queues.TURNS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="receive",
                start_signal_args=[message],
                static_summary=message.conversation.id,
                rpc_timeout=temporal_client.RPC_TIMEOUT,
            )
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT and "limit for signal events" in error.message:
                raise InboxFull(FULL) from error
            raise
        return message.turn_id

    async def _check_room(self, key: ConversationKey) -> None:
        """Raise InboxFull where too much waits: as the conversation says, or in a history that nobody reads.

        Temporal would take more, and end the conversation with all that waits in it at 50 MB.
        """
        try:
            conversation = await self.client.get_workflow_handle(ids.conversation_id(key)).describe(
                rpc_timeout=temporal_client.RPC_TIMEOUT
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        if conversation.status is not WorkflowExecutionStatus.RUNNING:
            return
        unread = conversation.raw_description.workflow_execution_info.history_size_bytes
        if unread > UNREAD_BYTES or await conversation.memo_value(attributes.FULL, False, type_hint=bool):
            raise InboxFull(FULL)

    async def _project(self, key: ConversationKey) -> str | None:
        """The conversation's project. To accept a message needs Temporal alone: without the store there is none."""
        try:
            async with asyncio.timeout(PROJECT_S):
                return (await conversations.get(self.pool, key)).project
        except (psycopg.Error, TimeoutError) as error:
            log.warning("%s: its project could not be read: %s", key.id, type(error).__name__)
            return None

    async def stop(self, key: ConversationKey, wish: Stop) -> bool:
        """Stop what is being answered; False if the conversation is asleep."""
        handle = self.client.get_workflow_handle(ids.conversation_id(key))
        try:
            await handle.signal(ConversationWorkflow.stop, wish, rpc_timeout=temporal_client.RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def bring(self, key: str, text: str) -> bool:
        """Bring the result that a parked turn waits for; ``key`` is that of the tool call's context.

        Returns False where nobody waits for it any more. Safe to repeat: the first result counts.
        """
        turn_id, step, call_id = key.rsplit("/", 2)
        kept = await waits.end(self.pool, turn_id, int(step), call_id, storable(text))
        try:
            await self.client.get_workflow_handle(turn_id).signal(
                "arrived", CallPlace(step=int(step), call_id=call_id), rpc_timeout=temporal_client.RPC_TIMEOUT
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return kept

    async def memory(self, user_id: str, key: ConversationKey, action: str, text: str) -> str:
        """What a person asks of their own memory in a conversation; returns the words for that person alone."""
        project = await self._project(key) if action == "add" else None
        command = requests.asked(user_id, action, text, project)
        if command is None:
            return f"There is no such action: {action}. There are: {', '.join(requests.ACTIONS)}."
        try:
            async with asyncio.timeout(MEMORY_S):
                handle = await self.client.start_workflow(
                    MemoryCommandWorkflow.run,
                    command,
                    id=ids.memory_command_id(user_id, uuid.uuid4().hex),
                    task_queue=queues.TURNS,
                    execution_timeout=timedelta(seconds=MEMORY_S),
                    rpc_timeout=temporal_client.RPC_TIMEOUT,
                )
                reply = await handle.result()
        except (TimeoutError, RPCError, WorkflowFailureError) as error:
            log.warning("%s: memory %s was not answered: %s", user_id, action, type(error).__name__)
            return "My memory does not answer just now. Please try again in a moment."
        return json.dumps(reply.data, indent=2, ensure_ascii=False) if command.name == "export" else reply.text

    async def notify(self, notice: Notice) -> None:
        """Send a message that no turn brings, once by its key: when this returns it is kept and on its way.

        Raises psycopg.Error or RPCError where a server cannot be reached; repeating is safe.
        """
        await notices.keep(self.pool, notice)
        await sending.send(self.client, NoticeRequest.of(notice))

    async def status(self, key: ConversationKey) -> ConversationStatus:
        """What the conversation is doing. Needs a worker; raises RPCError without one."""
        handle = self.client.get_workflow_handle(ids.conversation_id(key))
        try:
            description = await handle.describe(rpc_timeout=temporal_client.RPC_TIMEOUT)
            if description.status is not WorkflowExecutionStatus.RUNNING:
                return ConversationStatus()
            return await handle.query(ConversationWorkflow.status, rpc_timeout=temporal_client.RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return ConversationStatus()
            raise


@asynccontextmanager
async def open_door(settings: Settings) -> AsyncIterator[Door]:
    """Connect to Temporal and the store; Misconfigured if neither an outside nor an own stack is known."""
    runtime = settings.runtime
    if runtime.database_url is None or (runtime.temporal_address is None and runtime.embedded_temporal):
        raise Misconfigured(f"Clara is not running in {runtime.home}. Start her with: clara start")
    pool = await open_pool(runtime.database_url, max_size=4)
    try:
        client = await temporal_client.connect(environment(), runtime.temporal_address, [PostgresPayloads(pool)])
        yield Door(client, pool, settings.memory.enabled)
    finally:
        await pool.close()
