"""Results that come from outside, hours or days after their call: the turn waits, and lets others pass.

Waiting needs no worker and asks nobody: it ends by a signal, by the person's stop, or when its time is
over, which counts as no.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from clara.messages import Incoming
from clara.turn import CallPlace, ToolWait
from temporal import policies
from temporal.contracts.tools import Tools
from workflows.turns.reporting import report


@dataclass(frozen=True)
class Wait:
    """For the result of a call, or with ``asks`` for the yes that it needs to run."""

    place: CallPlace
    limit: timedelta
    asks: bool


class Waits:
    """What one turn waits for."""

    def __init__(self, message: Incoming) -> None:
        self._message = message
        self._arrived: set[tuple[int, str]] = set()
        self._answered: set[tuple[int, str]] = set()

    def arrived(self, place: CallPlace) -> None:
        """A result is in the store; it may come before the turn knows that it has to wait for it."""
        self._arrived.add((place.step, place.call_id))

    def answered(self, place: CallPlace) -> None:
        """A person has answered whether a call may run; what they said is in the store."""
        self._answered.add((place.step, place.call_id))

    async def for_all(self, waits: Sequence[Wait]) -> None:
        """Let the next message pass, and return when each call has its result or its answer."""
        await report(self._message, "waiting")
        await asyncio.gather(*(self._wait(wait) for wait in waits))
        await report(self._message, "running")

    async def _wait(self, wait: Wait) -> None:
        come = self._answered if wait.asks else self._arrived
        place = (wait.place.step, wait.place.call_id)
        try:
            await workflow.wait_condition(lambda: place in come, timeout=wait.limit)
        except TimeoutError:
            await self._lapse(wait.place)
        self._answered.discard(place)  # the same call may come to ask about something else

    async def _lapse(self, place: CallPlace) -> None:
        wait = ToolWait(turn_id=self._message.turn_id, place=place)
        try:
            await workflow.execute_activity_method(
                Tools.lapse, wait, **policies.STORE.options(), summary="no answer came in time"
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            # The model reads that this call brought no result.
            workflow.logger.error("%s: a wait could not be ended: %s", self._message.turn_id, error.cause)
