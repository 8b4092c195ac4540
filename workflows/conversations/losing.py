"""Turns that ended without telling the person: terminated from outside, or out of time."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, ChildWorkflowError

from clara.messages import Incoming
from clara.turn import CloseRequest
from temporal.failures import apology
from workflows.delivery import deliver
from workflows.turns.closing import close_turn
from workflows.turns.turn import SPOKEN


def has_spoken(error: ChildWorkflowError) -> bool:
    """A turn that is stopped or fails tells the person itself, unless it was not able to."""
    if isinstance(error.cause, CancelledError):
        return True
    return isinstance(error.cause, ApplicationError) and error.cause.type == SPOKEN


async def apologise(message: Incoming, error: BaseException | None) -> None:
    """Record how the turn ended, and tell the person; what it had recorded itself stays, and is sent once.

    Never fails: the conversation has other messages to answer.
    """
    reason = apology(error) if error else "it was ended from outside. Please try again."
    request = CloseRequest(incoming=message, status="failed", reason=reason)
    try:
        status = await close_turn(request)
    except ActivityError as failure:
        workflow.logger.error("turn %s is lost and could not be recorded: %s", message.turn_id, failure.cause)
        return
    await deliver(message, status)
