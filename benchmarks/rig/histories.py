"""Reading histories: what a workflow did, and how much of it Temporal keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle


@dataclass(frozen=True)
class History:
    """The size of one run, and what happened in it."""

    events: int
    bytes: int
    activities: int
    turns: int
    """Child workflows that were started."""


def measure(events: Sequence[HistoryEvent]) -> History:
    """Sizes are those of the events' protobuf messages, which is what the server counts."""
    kinds = [event.event_type for event in events]
    return History(
        events=len(events),
        bytes=sum(event.ByteSize() for event in events),
        activities=kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED),
        turns=kinds.count(EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED),
    )


async def of_run(handle: WorkflowHandle[object, object]) -> History:
    return measure([event async for event in handle.fetch_history_events(rpc_timeout=None)])


async def of_all_runs(client: Client, workflow_id: str) -> list[History]:
    """All runs of a workflow that continued as new, oldest first."""
    runs = [run async for run in client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    runs.sort(key=lambda run: run.start_time)
    return [await of_run(client.get_workflow_handle(run.id, run_id=run.run_id)) for run in runs]


def run_of_turn(runs: Sequence[History], turn: int) -> History:
    """The run in which a conversation's turn, counted from 1, was answered."""
    for run in runs:
        if turn <= run.turns:
            return run
        turn -= run.turns
    return runs[-1]
