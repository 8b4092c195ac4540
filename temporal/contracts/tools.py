"""Running the tools that a model calls."""

from temporalio import activity

from clara.turn import ToolOutcome, ToolRequest, ToolWait


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
