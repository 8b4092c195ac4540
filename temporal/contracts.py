"""What workflows ask of activities: names and types, without the code that touches the world.

A workflow calls a stub with ``workflow.execute_activity_method``; the implementation in
``activities`` subclasses the contract and decorates the same name again. A test holds the two
together: an override without its decorator would silently be no activity.
"""

from temporalio import activity

from clara.memory.recall import RecallOutcome, RecallRequest
from clara.memory.requests import ExtractOutcome, MemoryCommand, MemoryReply, RememberRequest, StoreOutcome
from clara.messages import TurnStatus
from clara.turn import CloseRequest, Delivery, StepOutcome, StepRequest, ToolOutcome, ToolRequest, ToolWait


class Llm:
    @activity.defn(name="llm.step")
    async def step(self, request: StepRequest) -> StepOutcome:
        """The model's next answer, stored under (turn, step) and never paid for twice.

        An answer without tool calls completes the turn in the same transaction.
        Fails with the type ``route_down`` when the next route should be tried.
        """
        raise NotImplementedError


class Tools:
    @activity.defn(name="tools.run")
    async def run(self, request: ToolRequest) -> ToolOutcome:
        """Run one tool call and store its result; a tool's own failure is a result, not an error.

        A call whose result comes from outside has ``waits``; the turn is told by the signal ``arrived``.
        """
        raise NotImplementedError

    @activity.defn(name="tools.lapse")
    async def lapse(self, wait: ToolWait) -> None:
        """Store that no result came from outside in time, unless one did at the last moment."""
        raise NotImplementedError

    @activity.defn(name="tools.settle")
    async def settle(self, turn_id: str) -> str:
        """Find out what the reply of an ended turn said was not known yet, and correct the reply.

        Returns what was added to it, the same however often this is tried; empty if nothing was open.
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


class Memory:
    @activity.defn(name="memory.recall")
    async def recall(self, request: RecallRequest) -> RecallOutcome:
        """Find what a turn should know about its person and keep it for all steps of the turn."""
        raise NotImplementedError

    @activity.defn(name="memory.extract")
    async def extract(self, request: RememberRequest) -> ExtractOutcome:
        """Find what the person said about themselves, and keep it by turn; the model is asked once."""
        raise NotImplementedError

    @activity.defn(name="memory.reconcile")
    async def reconcile(self, request: RememberRequest) -> None:
        """Decide what becomes of each fact beside the ones that are known, and keep that by turn."""
        raise NotImplementedError

    @activity.defn(name="memory.store")
    async def store(self, request: RememberRequest) -> StoreOutcome:
        """Write what was decided, once, however often this is tried."""
        raise NotImplementedError

    @activity.defn(name="memory.command")
    async def command(self, command: MemoryCommand) -> MemoryReply:
        """Do what a person asks of their own memory; a mistake of theirs is an answer, not an error."""
        raise NotImplementedError


class Adapter:
    """Implemented by every adapter that is told replies; served on its own task queue."""

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        """Send the reply of an ended turn, once, however often this is tried."""
        raise NotImplementedError
