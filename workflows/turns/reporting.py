"""What a turn tells its conversation, which does not wait inside it."""

from typing import Literal

from temporalio import workflow
from temporalio.exceptions import FailureError

from clara.conversation import TurnReport
from clara.messages import Incoming
from temporal import ids


async def report(message: Incoming, state: Literal["running", "waiting", "ended"]) -> None:
    """Tell the conversation of ``message``; one that is not there any more needs no report."""
    conversation = workflow.get_external_workflow_handle(ids.conversation_id(message.conversation))
    try:
        await conversation.signal("report", TurnReport(turn_id=message.turn_id, state=state))
    except FailureError as error:
        workflow.logger.warning("%s: its conversation was not told: %s", message.turn_id, error)
