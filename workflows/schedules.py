"""One run of a schedule: a reminder is told, a prompt begins a turn, a command of the operator's is run."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError

from clara.schedules.schedule import Due, Ran, RunRequest
from temporal import policies
from temporal.contracts.schedules import Schedules
from temporal.failures import apology
from temporal.schedules import RUN

DUE = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Set by Temporal on what a schedule of its starts."""


@workflow.defn(name=RUN)
class ScheduledRunWorkflow:
    """Its history holds ids and times. A command is tried once: whether it had begun, nobody could know."""

    @workflow.run
    async def run(self, request: RunRequest) -> None:
        at = workflow.info().typed_search_attributes.get(DUE) or workflow.info().start_time
        due = Due(schedule_id=request.schedule_id, at=at, by_hand=request.by_hand)
        begun = await workflow.execute_activity_method(
            Schedules.begin, due, summary=f"due {due.at:%Y-%m-%d %H:%M:%S} UTC", **policies.STORE.options()
        )
        if not begun.command:
            return
        try:
            await workflow.execute_activity_method(
                Schedules.command,
                due,
                summary="the command",
                **policies.command(timedelta(seconds=begun.timeout_s)).options(),
            )
        except ActivityError as error:
            ran = Ran(state="failed", said=apology(error))
            await workflow.execute_activity_method(
                Schedules.end, args=[due, ran], summary=ran.state, **policies.STORE.options()
            )
