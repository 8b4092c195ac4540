"""The activities that a turn is made of."""

from temporalio import activity

from clara.messages import TurnStatus
from clara.turn import CloseRequest, StepOutcome, StepRequest


class Steps:
    @activity.defn(name="llm.step")
    async def step(self, request: StepRequest) -> StepOutcome:
        """The model's next answer, stored under (turn, step) and never paid for twice.

        An answer without tool calls completes the turn in the same transaction.
        Fails with the type ``route_down`` when the next route should be tried.
        """
        raise NotImplementedError


class Turns:
    @activity.defn(name="turns.close")
    async def close(self, request: CloseRequest) -> TurnStatus:
        """End a turn as stopped or failed, unless it has ended already; returns how it ended."""
        raise NotImplementedError

    @activity.defn(name="turns.is_open")
    async def is_open(self, turn_id: str) -> bool:
        """Whether a turn's workflow is still at work."""
        raise NotImplementedError

    @activity.defn(name="turns.settle")
    async def settle(self, turn_id: str) -> None:
        """Return once a turn's workflow that somebody else started has closed."""
        raise NotImplementedError
