"""Everything that is known of one turn: what the store kept of it, and what Temporal is doing about it."""

from dataclasses import dataclass
from urllib.parse import quote

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.cli.turns.calls import ShownCall, calls_of
from adapters.door import open_door
from clara.errors import UserError
from clara.invocation import call
from clara.settings import Settings
from gateway.servers.namespace import connected
from store.database import Pool
from store.turns import inspection, turns
from store.turns.inspection import Times
from store.turns.steps import Step, ToolResult, of_turns, results_of_turns
from temporal.client import RPC_TIMEOUT


@dataclass(frozen=True)
class Pending:
    """An activity that has not ended yet."""

    activity: str
    state: str
    attempt: int
    last_failure: str | None


@dataclass(frozen=True)
class Workflow:
    """The turn's workflow; it is forgotten when the namespace's retention has passed."""

    status: str
    pending: tuple[Pending, ...]
    page: str | None


@dataclass(frozen=True)
class Inspection:
    id: str
    turn: turns.Turn | None
    totals: turns.Totals | None
    steps: tuple[Step, ...]
    calls: tuple[ShownCall, ...]
    results: dict[tuple[int, str], ToolResult]
    times: Times | None
    correction: str
    workflow: Workflow | None

    @property
    def status(self) -> str:
        return self.turn.status if self.turn else "waiting"


async def inspect(settings: Settings, words: str, conversation: str | None = None) -> Inspection:
    """The turn that ``words`` name: ``last``, an id, or how it begins; UserError if nobody knows it."""
    async with open_door(settings) as door:
        turn_id = await door.store(inspection.find, words, conversation)
        if turn_id is None and words == "last":
            raise UserError("There are no turns yet.")
        # One that waits is not in the store, but has its workflow.
        turn_id = turn_id or (words if words.startswith("turn/") else f"turn/{words}")
        workflow = await _workflow(await connected(settings), turn_id, settings.runtime.ui_url)
        found = await door.store(_stored, turn_id, workflow)
    if found.turn is None and workflow is None:
        raise UserError(
            f"There is no turn {turn_id if '/' in words else words}. To see the newest: {call('turn list')}"
        )
    return found


async def _stored(pool: Pool, turn_id: str, workflow: Workflow | None) -> Inspection:
    turn = await turns.get(pool, turn_id)
    return Inspection(
        id=turn_id,
        turn=turn,
        totals=await turns.totals(pool, turn_id) if turn else None,
        steps=tuple((await of_turns(pool, [turn_id])).get(turn_id, [])),
        calls=tuple(await calls_of(pool, turn_id)),
        results=(await results_of_turns(pool, [turn_id])).get(turn_id, {}),
        times=await inspection.times(pool, turn_id) if turn else None,
        correction=(await inspection.corrections(pool, [turn_id])).get(turn_id, ""),
        workflow=workflow,
    )


async def _workflow(client: Client, turn_id: str, ui_url: str | None) -> Workflow | None:
    try:
        found = await client.get_workflow_handle(turn_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return Workflow(
        status=found.status.name.lower() if found.status else "unknown",
        pending=tuple(
            Pending(
                activity=activity.activity_type.name,
                state=PendingActivityState.Name(activity.state).removeprefix("PENDING_ACTIVITY_STATE_").lower(),
                attempt=activity.attempt,
                last_failure=activity.last_failure.message or None,
            )
            for activity in found.raw_description.pending_activities
        ),
        page=f"{ui_url}/namespaces/{quote(client.namespace, safe='')}/workflows/{quote(turn_id, safe='')}"
        if ui_url
        else None,
    )
