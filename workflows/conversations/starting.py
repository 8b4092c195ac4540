"""How a conversation starts the turn of a message."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.workflow import ChildWorkflowCancellationType, ChildWorkflowHandle, ParentClosePolicy

from clara.messages import Incoming
from temporal import attributes
from workflows.turns.turn import TurnWorkflow

TURN_LIMIT = timedelta(days=60)
"""Longest life of a turn, also of one that waits for somebody, and while everything is switched off."""


async def start_turn(
    message: Incoming, *, reports: bool, watched: bool = False
) -> ChildWorkflowHandle[TurnWorkflow, object]:
    """Start the turn, once for ever: WorkflowAlreadyStartedError if its message was heard before.

    ``reports``: the conversation does not wait inside the turn, which has to tell it how it fares.
    ``watched``: of its end it need not tell, unless it is asked to by ``report_end``.
    """
    memo = {attributes.REPORTS: reports, attributes.WATCHED: watched}
    return await workflow.start_child_workflow(
        TurnWorkflow.run,
        message,
        memo={name: True for name, holds in memo.items() if holds} or None,
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
