"""Handing what is to be sent to the adapter of its platform."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from clara.messages import Incoming, TurnStatus
from clara.notices import NoticeRequest
from clara.turn import Delivery
from temporal import policies, queues
from temporal.contracts.delivery import Adapter


async def deliver(message: Incoming, status: TurnStatus, correction: str = "") -> bool:
    """Deliver the reply, or a ``correction`` of it, if the platform must be told; False if it cannot be done at all.

    The terminal is not told: it reads its replies from the store.
    """
    if message.deliver_to is None:
        return True
    delivery = Delivery(
        turn_id=message.turn_id,
        status=status,
        correction=correction,
        to=message.conversation,
        reply_to=message.reply_to,
    )
    what = "correction" if correction else "reply"
    return await _send(delivery, message.deliver_to, f"send the {what} to {message.conversation.platform}")


async def deliver_notice(request: NoticeRequest) -> bool:
    """Have a notice sent that is in the store, where the platform must be told; False if it cannot be done at all."""
    queue = queues.telling(request.to.platform)
    if queue is None:
        return True
    delivery = Delivery(notice=request.key, to=request.to, reply_to=request.reply_to)
    return await _send(delivery, queue, f"send a notice to {request.to.platform}")


async def _send(delivery: Delivery, queue: str, summary: str) -> bool:
    try:
        await workflow.execute_activity_method(
            Adapter.deliver, delivery, task_queue=queue, summary=summary, **policies.DELIVERY.options()
        )
    except ActivityError as error:
        about = f"notice {delivery.notice}" if delivery.notice else f"turn {delivery.turn_id}: the reply"
        workflow.logger.error("%s could not be delivered: %s", about, error.cause)
        return False
    return True
