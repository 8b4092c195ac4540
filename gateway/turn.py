"""Everything that is known of one turn: what the store kept of it, and what Temporal is doing about it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.door import open_door
from clara.errors import UserError
from clara.settings import Settings
from store import turns
from store.database import Pool
from store.steps import Step, ToolResult, of_turns, results_of_turns
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
    results: tuple[ToolResult, ...]
    workflow: Workflow | None

    @property
    def status(self) -> str:
        return self.turn.status if self.turn else "waiting"


async def inspect(settings: Settings, turn_id: str) -> Inspection:
    """Look a turn up by its id, with or without the leading ``turn/``; UserError if nobody knows it."""
    turn_id = turn_id if turn_id.startswith("turn/") else f"turn/{turn_id}"
    async with open_door(settings) as door:
        workflow = await _workflow(door.client, turn_id, settings.runtime.ui_url)
        found = await _stored(door.pool, turn_id, workflow)
    if found.turn is None and workflow is None:
        raise UserError(f"There is no turn {turn_id}.")
    return found


async def _stored(pool: Pool, turn_id: str, workflow: Workflow | None) -> Inspection:
    turn = await turns.get(pool, turn_id)
    results = (await results_of_turns(pool, [turn_id])).get(turn_id, {})
    return Inspection(
        id=turn_id,
        turn=turn,
        totals=await turns.totals(pool, turn_id) if turn else None,
        steps=tuple((await of_turns(pool, [turn_id])).get(turn_id, [])),
        results=tuple(results.values()),
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


def as_json(found: Inspection) -> dict[str, Any]:
    turn, totals, workflow = found.turn, found.totals, found.workflow
    return {
        "turn": found.id,
        "status": found.status,
        "conversation": turn.message.conversation.id if turn else None,
        "user": turn.message.user.id if turn else None,
        "message": turn.message.text if turn else None,
        "reply": turn.reply if turn else None,
        "started_at": turn.started_at.isoformat() if turn else None,
        "ended_at": turn.ended_at.isoformat() if turn and turn.ended_at else None,
        "steps": [
            {
                "step": step.step,
                "provider": step.provider,
                "model": step.model,
                "usage": step.usage.model_dump(),
                "tools": [
                    {"name": r.tool, "error": r.is_error, "ambiguous": r.ambiguous, "size": r.size}
                    for r in found.results
                    if r.step == step.step
                ],
            }
            for step in found.steps
        ],
        "usage": {
            "input_tokens": totals.input_tokens,
            "output_tokens": totals.output_tokens,
            "cached_tokens": totals.cached_tokens,
            "cost_usd": float(totals.cost_usd) if totals.cost_usd is not None else None,
        }
        if totals
        else None,
        "workflow": {
            "status": workflow.status,
            "pending": [vars(pending) for pending in workflow.pending],
            "page": workflow.page,
        }
        if workflow
        else None,
    }


def as_text(found: Inspection) -> str:
    """For people: short, with the texts cut to a line."""
    from adapters.cli.printable import one_line

    turn, totals, workflow = found.turn, found.totals, found.workflow
    lines = [f"{found.id}: {found.status}"]
    if turn:
        took = f" in {(turn.ended_at - turn.started_at).total_seconds():.1f} s" if turn.ended_at else ""
        lines += [
            f"  asked     {turn.started_at:%Y-%m-%d %H:%M:%S %Z} by {turn.message.user.id}: "
            f"{one_line(turn.message.text, 100)}",
            f"  answered{took}: {one_line(turn.reply, 100)}" if turn.reply else "  no answer yet",
        ]
    for step in found.steps:
        lines.append(
            f"  step {step.step}    {step.provider} {step.model}, {step.usage.input_tokens:,} tokens in, "
            f"{step.usage.output_tokens:,} out"
        )
        lines += [f"    {_result(result)}" for result in found.results if result.step == step.step]
    if totals and totals.cost_usd is not None:
        lines.append(f"  cost      ${totals.cost_usd:.4f}")
    if workflow is None:
        lines.append("  workflow  no longer kept by Temporal")
        return "\n".join(lines)
    lines.append(f"  workflow  {workflow.status}")
    for pending in workflow.pending:
        failure = f": {one_line(pending.last_failure, 200)}" if pending.last_failure else ""
        lines.append(f"    {pending.activity} {pending.state}, attempt {pending.attempt}{failure}")
    if workflow.page:
        lines.append(f"  page      {workflow.page}")
    return "\n".join(lines)


def _result(result: ToolResult) -> str:
    outcome = "outcome unknown" if result.ambiguous else "failed" if result.is_error else "done"
    return f"{result.tool}: {outcome}, {result.size:,} characters"
