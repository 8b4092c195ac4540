"""What every adapter does that is told what to send."""

from temporalio import activity

from clara.turn import Delivery


class Adapter:
    """Implemented by every adapter that is told replies; served on its own task queue."""

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        """Send the reply of an ended turn, or a notice, once, however often this is tried."""
        raise NotImplementedError
