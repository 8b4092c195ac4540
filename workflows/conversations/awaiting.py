"""How conversations of release 2026.47 waited for their turns: for their histories, until none is left.

A run of that release goes on as it began, until it continues as new. Remove this module, and the patch
"reports" with it, in a release after 2026.52.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle

from clara.conversation import Inbox
from temporal import policies
from temporal.contracts.turns import Turns
from workflows.conversations.losing import apologise, has_spoken
from workflows.conversations.starting import start_turn
from workflows.turns.turn import TurnWorkflow

HISTORY_LIMIT = 500


class Awaiting:
    """Answers the messages of an inbox, each turn awaited."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._turn: ChildWorkflowHandle[TurnWorkflow, object] | None = None

    async def run(self, idle: timedelta) -> None:
        while True:
            try:
                await workflow.wait_condition(lambda: bool(self._inbox.queue), timeout=idle)
            except TimeoutError:
                if not self._inbox.queue:
                    return
            await self._answer()
            if workflow.info().get_current_history_length() >= HISTORY_LIMIT:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._inbox)

    async def _answer(self) -> None:
        turn = self._inbox.begin()
        try:
            self._turn = await start_turn(turn.message, reports=False)
            if turn.stopping:
                self._turn.cancel()
            await self._turn
        except WorkflowAlreadyStartedError:
            await workflow.execute_activity_method(
                Turns.settle, turn.id, **policies.WAIT.options(), summary="wait for an earlier run's turn"
            )
        except ChildWorkflowError as error:
            if not has_spoken(error):
                await apologise(turn.message, error)
        finally:
            self._turn = None
        if turn in self._inbox.turns:  # else a turn of the newer kind has reported its end
            self._inbox.turns.remove(turn)

    def cancel(self) -> None:
        """Stop the turn that is awaited, if there is one."""
        if self._turn is not None:
            self._turn.cancel()
