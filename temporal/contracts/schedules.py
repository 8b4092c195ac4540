"""Schedules, as the workflow of a run asks for them. What is to be done stays in the store and the operator's file."""

from temporalio import activity

from clara.schedules.schedule import Begun, Due, Ran


class Schedules:
    @activity.defn(name="schedules.begin")
    async def begin(self, due: Due) -> Begun:
        """Remind, or begin a turn, once for each run; of the operator's, say how long its command may take."""
        raise NotImplementedError

    @activity.defn(name="schedules.command")
    async def command(self, due: Due) -> Ran:
        """Run the operator's command, at most once, and record what came of it; returned is the state alone."""
        raise NotImplementedError

    @activity.defn(name="schedules.end")
    async def end(self, due: Due, ran: Ran) -> None:
        """Record why a command did not come to an end."""
        raise NotImplementedError
