"""One conversation: it answers its messages one after the other, each exactly once."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, CancelledError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from clara.conversation import ConversationStatus, Inbox, Stop
from clara.messages import Incoming
from clara.turn import CloseRequest
from temporal import attributes, policies
from temporal.contracts import Turns
from temporal.failures import apology
from workflows.delivery import deliver
from workflows.turn import SPOKEN, TurnWorkflow

IDLE = timedelta(hours=1)
"""A conversation with nothing to do ends; the next message starts it again under the same id."""

HISTORY_LIMIT = 500
"""Events of one run, about 40 turns: replaying them after a worker's restart stays below a second."""

TURN_LIMIT = timedelta(hours=48)
"""Longest life of a turn: delivery alone may wait a day for its adapter."""


@workflow.defn(name="Conversation")
class ConversationWorkflow:
    """The inbox of one conversation; its id is ``conversation/<platform>/<channel>``."""

    @workflow.init
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._turn: workflow.ChildWorkflowHandle[TurnWorkflow, object] | None = None

    @workflow.run
    async def run(self, inbox: Inbox) -> None:
        while True:
            try:
                await workflow.wait_condition(lambda: bool(self._inbox.queue), timeout=IDLE)
            except asyncio.TimeoutError:  # noqa: UP041 -- the SDK's own spelling
                if not self._inbox.queue:
                    return
            message = self._inbox.queue[0]
            self._describe(message)
            await self._answer(message)
            self._inbox.pop()
            self._describe(None)
            if workflow.info().get_current_history_length() >= HISTORY_LIMIT:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._inbox)

    async def _answer(self, message: Incoming) -> None:
        try:
            self._turn = await workflow.start_child_workflow(
                TurnWorkflow.run,
                message,
                id=message.turn_id,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
                parent_close_policy=ParentClosePolicy.ABANDON,
                execution_timeout=TURN_LIMIT,
                static_summary=f"{message.user.name} on {message.conversation.platform}",
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(attributes.USER, message.user.id),
                        SearchAttributePair(attributes.PLATFORM, message.conversation.platform),
                        SearchAttributePair(attributes.CONVERSATION, message.conversation.id),
                        SearchAttributePair(attributes.STATUS, "running"),
                    ]
                ),
            )
        except WorkflowAlreadyStartedError:
            # Heard before, by a run of this conversation that no longer remembers it. It may still
            # be at work, and the next message must not overtake it.
            await workflow.execute_activity_method(
                Turns.settle, message.turn_id, **policies.WAIT.options(), summary="wait for an earlier run's turn"
            )
            return
        if self._inbox.is_stopped(message):
            self._turn.cancel()  # the wish came before there was a turn to cancel
        try:
            await self._turn
        except ChildWorkflowError as error:
            # A turn tells the person itself when it is stopped or fails, unless it was not able to.
            if not isinstance(error.cause, CancelledError) and not _has_spoken(error):
                await self._apologise(message, error)
        finally:
            self._turn = None

    async def _apologise(self, message: Incoming, error: ChildWorkflowError) -> None:
        request = CloseRequest(incoming=message, status="failed", reason=apology(error))
        status = await workflow.execute_activity_method(
            Turns.close, request, **policies.STORE.options(), summary="record a lost turn"
        )
        await deliver(message, status)

    def _describe(self, message: Incoming | None) -> None:
        waiting = len(self._inbox.queue) - (1 if message else 0)
        doing = f"answering `{message.turn_id}`" if message else "waiting for messages"
        workflow.set_current_details(f"{doing}; {waiting} in the queue")

    @workflow.signal(description="A message to be answered; repeats of its id are ignored.")
    def receive(self, message: Incoming) -> None:
        self._inbox.push(message)

    @workflow.signal(description="Stop the message that is being answered, or the named one.")
    def stop(self, wish: Stop) -> None:
        self._inbox.stop(wish)
        head = self._inbox.head
        if self._turn is not None and head is not None and self._inbox.is_stopped(head):
            self._turn.cancel()

    @workflow.query(description="What is being answered and what waits.")
    def status(self) -> ConversationStatus:
        return self._inbox.status(self._turn is not None)


def _has_spoken(error: ChildWorkflowError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == SPOKEN
