"""Recording the end of a turn that has no answer: the one thing that must not fail."""

from temporalio import workflow

from clara.messages import TurnStatus
from clara.turn import CloseRequest
from temporal import policies
from temporal.contracts.turns import Turns
from workflows.patience import while_store_is_away


async def close_turn(request: CloseRequest) -> TurnStatus:
    """How the turn ended: as asked, unless its answer was stored before that."""

    async def close(again: bool) -> TurnStatus:
        return await workflow.execute_activity_method(
            Turns.close, request, summary=f"record: {request.status}", **policies.STORE.options()
        )

    return await while_store_is_away(close)
