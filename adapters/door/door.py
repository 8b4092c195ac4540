"""What an adapter may do: say, stop, ask what a conversation is doing, read what is kept, and deliver."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from adapters.door import accounts, logins, memory
from adapters.door.deliveries import delivering
from adapters.door.faults import TEMPORAL, translated
from adapters.door.logins import WaitingLogin
from adapters.door.memory import MemoryAnswer
from clara.accounts import Service
from clara.conversation import UNREAD_BYTES, ConversationStatus, Inbox, Stop
from clara.errors import InboxFull, StackFault
from clara.memory import requests
from clara.messages import ConversationKey, Incoming, check_length
from clara.notices import Notice, NoticeRequest
from clara.plugins.logins import LoginOutcome
from clara.stream import Frame
from clara.text import storable
from clara.turn import CallPlace
from store import approvals, conversations, notices, plugin_questions, stream
from store.approvals import Approval, Scope
from store.database import Pool
from store.sealing import Sealer
from store.turns import waits
from temporal import attributes, ids, queues
from temporal import client as temporal_client
from temporal.starting import answers
from temporal.starting import notices as sending
from workflows.conversations.conversation import ConversationWorkflow

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PROJECT_S = 1.0
HEALTH_TIMEOUT = timedelta(seconds=5)

FULL = "So many messages wait here that I take no more for now. Please wait for some answers and send it again."


class Door:
    """Every method raises StackFault where Temporal or the database refuses, Unreachable while they do not answer."""

    def __init__(self, client: Client, pool: Pool, memory: bool = True) -> None:
        self._client = client
        self._pool = pool
        self._memory = memory

    # Conversations

    async def say(self, message: Incoming) -> str:
        """Hand over a message; when this returns, it is accepted and will be answered once.

        Returns the turn's id. Raises UserError for a message that is too long, InboxFull where too
        much waits already, and Unreachable when Temporal cannot be reached: then nothing was accepted,
        and saying it again is safe.
        Calls for one conversation must follow one another, or their order is not kept.
        """
        check_length(message.text)
        message = message.model_copy(
            update={"project": await self._project(message.conversation)} if self._memory else {"memory": False}
        )
        with translated():
            await self._check_room(message.conversation)
            try:
                await self._client.start_workflow(
                    ConversationWorkflow.run,
                    Inbox(conversation_id=message.conversation.id, watches=True),
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
            conversation = await self._client.get_workflow_handle(ids.conversation_id(key)).describe(
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
                return (await self.store(conversations.get, key)).project
        except (StackFault, TimeoutError) as error:
            log.warning("%s: its project could not be read: %s", key.id, type(error).__name__)
            return None

    async def stop(self, key: ConversationKey, wish: Stop) -> bool:
        """Stop what is being answered; False if the conversation is asleep."""
        handle = self._client.get_workflow_handle(ids.conversation_id(key))
        with translated():
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
        with translated():
            kept = await waits.end(self._pool, turn_id, int(step), call_id, storable(text))
            try:
                await self._client.get_workflow_handle(turn_id).signal(
                    "arrived", CallPlace(step=int(step), call_id=call_id), rpc_timeout=temporal_client.RPC_TIMEOUT
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
        return kept

    async def answer(self, ids: Sequence[str], allowed: bool, scope: Scope, by: str) -> list[Approval]:
        """Answer questions before tool calls, for somebody who may; those that this has answered.

        When it returns, the answer counts. Others were answered before, or nobody needs an answer any more.
        """
        with translated():
            answered = await approvals.answer(self._pool, ids, allowed, scope, by)
            for each in answered:
                try:
                    await answers.tell(self._client, each.turn_id, CallPlace(step=each.step, call_id=each.call_id))
                except RPCError as error:
                    # A worker tells the turn within seconds, as it does where this process dies before.
                    log.warning("%s does not know of its answer yet: %s", each.turn_id, error.status.name)
                else:
                    await approvals.mark_told(self._pool, [each.id])
        return answered

    async def answer_plugin(self, id: str, user_id: str, content: Mapping[str, Any] | None) -> bool:
        """Answer what a plugin has asked a person, or decline with None; False where nobody waits for it any more."""
        with translated():
            asked = await plugin_questions.answer(self._pool, id, user_id, content)
            if asked is None:
                return False
            try:
                await answers.tell(self._client, asked.turn_id, CallPlace(step=asked.step, call_id=asked.call_id))
            except RPCError as error:
                # A worker tells the turn within seconds, as above.
                log.warning("%s does not know of its answer yet: %s", asked.turn_id, error.status.name)
            else:
                await plugin_questions.mark_told(self._pool, [asked.id])
        return True

    async def status(self, key: ConversationKey) -> ConversationStatus:
        """What the conversation is doing. Needs a worker; raises StackFault without one, after 10 s at the latest."""
        handle = self._client.get_workflow_handle(ids.conversation_id(key))
        with translated():
            try:
                description = await handle.describe(rpc_timeout=temporal_client.RPC_TIMEOUT)
                if description.status is not WorkflowExecutionStatus.RUNNING:
                    return ConversationStatus()
                return await handle.query(ConversationWorkflow.status, rpc_timeout=temporal_client.RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return ConversationStatus()
                raise

    async def notify(self, notice: Notice) -> None:
        """Send a message that no turn brings, once by its key: when this returns it is kept and on its way.

        Raises Unreachable while it cannot be handed over; repeating is safe.
        """
        with translated():
            await notices.keep(self._pool, notice)
            await sending.send(self._client, NoticeRequest.of(notice))

    async def memory(self, user_id: str, key: ConversationKey, action: str, text: str) -> MemoryAnswer:
        """What a person asks of their own memory in a conversation; the answer is for that person alone."""
        project = await self._project(key) if action == "add" else None
        command = requests.asked(user_id, action, text, project)
        if command is None:
            return MemoryAnswer(f"There is no such action: {action}. There are: {', '.join(requests.ACTIONS)}.")
        return await memory.answer(self._client, self._pool, command)

    async def connect(self, sealer: Sealer, user_id: str, service: Service, base_url: str, token: str) -> str:
        """Connect an account of a person's; a sentence for them. Misconfigured without a key to seal with."""
        with translated():
            return await accounts.connect(self._client, self._pool, sealer, user_id, service, base_url, token)

    async def waiting_login(self, login_id: str) -> WaitingLogin | None:
        """A login at a plugin that waits for the browser; None for one that is over, or never was."""
        with translated():
            return await logins.waiting(self._pool, login_id)

    async def finish_login(self, login_id: str, answer: Mapping[str, str]) -> LoginOutcome:
        """Hand over what a browser came back with from a login, once; what came of it, within 40 s."""
        with translated():
            return await logins.finish(self._client, self._pool, login_id, answer)

    # What is kept, and what is heard

    async def store(self, work: Callable[Concatenate[Pool, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do ``work``, a function of the store: ``await door.store(turns.get, turn_id)``."""
        with translated():
            return await work(self._pool, *args, **kwargs)

    async def temporal(
        self, work: Callable[Concatenate[Client, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do ``work``, a function of ``temporal``: ``await door.temporal(plugins.install, request)``."""
        with translated():
            return await work(self._client, *args, **kwargs)

    def frames(self, platform: str) -> AsyncIterator[Frame | None]:
        """Frames of a platform's turns, for ever, as ``store.stream.listen`` gives them."""
        database_url = self._pool.conninfo
        assert isinstance(database_url, str)
        return stream.listen(database_url, platform)

    # The adapter's process

    async def outage(self) -> str | None:
        """What does not answer at the moment, in a few words; None while Temporal is healthy (asked for 5 s)."""
        try:
            healthy = await self._client.service_client.check_health(timeout=HEALTH_TIMEOUT)
        except RPCError:
            return TEMPORAL
        return None if healthy else TEMPORAL

    def delivering(
        self, platform: str, *activities: Callable[..., Awaitable[Any]]
    ) -> AbstractAsyncContextManager[None]:
        """Within the block the activities serve the platform's queue: of replies, and of what tools ask for."""
        return delivering(self._client, platform, *activities)
