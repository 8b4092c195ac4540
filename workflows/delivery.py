"""Handing a turn's reply to the adapter it came from."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from clara.messages import Incoming, TurnStatus
from clara.turn import Delivery
from temporal import policies
from temporal.contracts.delivery import Adapter


async def deliver(message: Incoming, status: TurnStatus, correction: str = "") -> bool:
    """Deliver the reply, or a ``correction`` of it, if the platform must be told; False if it cannot be done at all.

    The terminal is not told: it reads its replies from the store.
    """
    if message.deliver_to is None:
        return True
    try:
        await workflow.execute_activity_method(
            Adapter.deliver,
            Delivery(turn_id=message.turn_id, status=status, correction=correction),
            task_queue=message.deliver_to,
            summary=f"send the {'correction' if correction else 'reply'} to {message.conversation.platform}",
            **policies.DELIVERY.options(),
        )
    except ActivityError as error:
        workflow.logger.error("turn %s: the reply could not be delivered: %s", message.turn_id, error.cause)
        return False
    return True
