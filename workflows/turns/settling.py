"""What became of the writes of a turn that was stopped or failed in their middle."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from clara.messages import Incoming, TurnStatus
from temporal import policies
from temporal.contracts.tools import Tools
from workflows.delivery import deliver
from workflows.patience import while_store_is_away


async def settle_writes(message: Incoming, status: TurnStatus) -> None:
    """Find out what the reply said was not known yet, and correct it. Nobody waits for this."""

    async def settle(again: bool) -> str:
        return await workflow.execute_activity_method(
            Tools.settle, message.turn_id, summary="look what became of its writes", **policies.SETTLE.options()
        )

    try:
        correction = await while_store_is_away(settle)
    except ActivityError as error:
        workflow.logger.error("turn %s: its reply was not corrected: %s", message.turn_id, error.cause)
        return
    if correction:
        await deliver(message, status, correction)
