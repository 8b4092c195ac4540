"""New vectors after the embedding model was changed, for as long as it takes."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from clara.memory.requests import ReindexProgress, ReindexRequest
from temporal import policies
from temporal.contracts.memory import Memory
from temporal.starting.reindexing import WORKFLOW

PAUSE = timedelta(minutes=10)
"""After an outage that was longer than an activity's patience."""


@workflow.defn(name=WORKFLOW)
class ReindexMemoriesWorkflow:
    """Makes the vectors that a collection lacks. Each batch is noted in the book, so an end at any point loses one.

    It never fails: a service that is down or refuses is asked again after a pause, which its details say.
    """

    @workflow.run
    async def run(self, request: ReindexRequest) -> ReindexProgress:
        workflow.set_current_details(f"looking for memories without a vector in {request.collection}")
        while True:
            try:
                progress = await workflow.execute_activity_method(
                    Memory.reindex, request, summary=request.collection, **policies.REINDEX.options()
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                again = workflow.now() + PAUSE
                workflow.set_current_details(f"paused until {again:%H:%M} UTC: {error.cause or error}")
                await workflow.sleep(PAUSE, summary="the embedding service is down or refuses")
            else:
                workflow.set_current_details(
                    f"{progress.done} of {progress.total} memories have their vector in {request.collection}"
                )
                if progress.over:
                    return progress
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(request)
