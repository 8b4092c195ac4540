"""A budget that is used up: the turn waits aside until it renews, or until somebody raises it.

Waiting needs no worker and asks nobody. It ends by a signal, at the renewal, by the person's stop, or as a no.
"""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from clara.budgets import WAIT_LIMIT
from clara.messages import Incoming
from clara.turn import BudgetWait
from workflows.turns.reporting import report


class BudgetWaits:
    """The waits of one turn, which may come at any of its steps."""

    def __init__(self, message: Incoming) -> None:
        self._message = message
        self._raised = False
        self._step = -1
        self._until: datetime | None = None

    def raised(self) -> None:
        """There may be room now; it may be said before the turn knows that it has to wait."""
        self._raised = True

    async def wait(self, step: int, wait: BudgetWait) -> None:
        """Let the next message pass, and return when the model may be asked for a step again.

        ApplicationError, with words for the person, where that took longer than WAIT_LIMIT.
        """
        if self._until is None or step != self._step:
            self._step, self._until = step, workflow.now() + WAIT_LIMIT
        await report(self._message, "waiting")
        workflow.set_current_details(f"waiting for {wait.about}")
        left = self._until - workflow.now()
        try:
            renewal = left if wait.renews_in is None else min(left, wait.renews_in)
            await workflow.wait_condition(lambda: self._raised, timeout=renewal)
        except TimeoutError:
            if workflow.now() >= self._until:
                raise ApplicationError(_lapsed(wait), type="UserError", non_retryable=True) from None
        self._raised = False
        await report(self._message, "running")


def _lapsed(wait: BudgetWait) -> str:
    return (
        f"No budget had room for this within {WAIT_LIMIT.days} days. I waited for {wait.about}."
        " Please ask again when there is room."
    )
