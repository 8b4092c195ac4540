"""One turn, told to people and to programs."""

from datetime import datetime, timedelta
from typing import Any

from adapters.cli.render.printable import as_json as to_json
from adapters.cli.render.printable import one_line
from adapters.cli.turns.calls import ShownCall
from clara.messages import BEGUN_BY
from gateway.inspection.turn import Inspection, Workflow
from store.turns.steps import Step

_TEXT = 300
_REASON = 2_000
"""Characters of a failure's words: they are what is looked for here."""


def as_json(found: Inspection) -> dict[str, Any]:
    turn, totals, workflow = found.turn, found.totals, found.workflow
    return {
        "turn": found.id,
        "status": found.status,
        "conversation": turn.message.conversation.id if turn else None,
        "user": turn.message.user.id if turn else None,
        "origin": turn.message.origin if turn else None,
        "message": turn.message.text if turn else None,
        "reply": turn.reply if turn else None,
        "correction": found.correction or None,
        "started_at": turn.started_at.isoformat() if turn else None,
        "ended_at": turn.ended_at.isoformat() if turn and turn.ended_at else None,
        "seconds": (turn.ended_at - turn.started_at).total_seconds() if turn and turn.ended_at else None,
        "steps": [
            {
                "step": step.step,
                "provider": step.provider,
                "model": step.model,
                "usage": step.usage.model_dump(),
                "seconds": _seconds(_took(found, step)),
                "tools": [_call_as_json(found, call) for call in found.calls if call.step == step.step],
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


def _call_as_json(found: Inspection, call: ShownCall) -> dict[str, Any]:
    result = found.results.get((call.step, call.id))
    return {
        "name": call.name,
        "arguments": call.arguments,
        "outcome": call.outcome,
        "error": result.is_error if result else None,
        "ambiguous": result.ambiguous if result else None,
        "size": result.size if result else None,
        "reason": result.preview if result and result.is_error else None,
        "seconds": _seconds(found.times.after(call.step, call.id) if found.times else None),
    }


def as_text(found: Inspection) -> str:
    """For people: long texts are cut, but for the words of a failure."""
    return "\n".join([*_head(found), *_steps(found), *_foot(found)])


def _head(found: Inspection) -> list[str]:
    turn = found.turn
    took = turn.ended_at - turn.started_at if turn and turn.ended_at else None
    lines = [f"{found.id}: {found.status}{_in(took)}"]
    if not turn:
        return lines
    message = turn.message
    begun = "" if message.origin == "person" else f" (begun by {BEGUN_BY[message.origin]})"
    lines.append(f"  asked     {_clock(turn.started_at)} by {message.user.id}{begun}: {one_line(message.text, _TEXT)}")
    if turn.reply is None:
        lines.append("  no answer yet")
    elif turn.status == "completed":
        lines.append(f"  answered  {one_line(turn.reply, _TEXT)}")
    else:
        lines.append(f"  told      {one_line(turn.reply, _REASON)}")
    if found.correction:
        lines.append(f"  added     {one_line(found.correction, _REASON)}")
    return lines


def _steps(found: Inspection) -> list[str]:
    lines = []
    for step in found.steps:
        usage = f"{step.usage.input_tokens:,} tokens in, {step.usage.output_tokens:,} out"
        model = one_line(f"{step.provider} {step.model}", 200)
        lines.append(f"  step {step.step + 1:<5}{model}, {usage}{_in(_took(found, step))}")
        for call in found.calls:
            if call.step == step.step:
                lines += _call(found, call)
    return lines


def _call(found: Inspection, call: ShownCall) -> list[str]:
    after = found.times.after(call.step, call.id) if found.times else None
    result = found.results.get((call.step, call.id))
    arguments = one_line(to_json(call.arguments), _TEXT) if call.arguments else ""
    if result is None:
        mark, end = ("⚙", "no result yet") if found.status == "running" else (call.mark, "no result")
    else:
        mark, end = call.mark, "" if call.outcome == "done" else one_line(result.preview, _REASON)
    line = f"    {mark} {one_line(call.name, 100)} {arguments}".rstrip() + _in(after)
    return [line, f"      {end}"] if end else [line]


def _foot(found: Inspection) -> list[str]:
    lines = []
    if found.totals and found.totals.cost_usd is not None:
        lines.append(f"  cost      ${found.totals.cost_usd:.4f}")
    if found.workflow is None:
        return [*lines, "  workflow  no longer kept by Temporal"]
    return [*lines, *_workflow(found.workflow)]


def _workflow(workflow: Workflow) -> list[str]:
    lines = [f"  workflow  {workflow.status}"]
    for pending in workflow.pending:
        failure = f": {one_line(pending.last_failure, _REASON)}" if pending.last_failure else ""
        lines.append(f"    {pending.activity} {pending.state}, attempt {pending.attempt}{failure}")
    if workflow.page:
        lines.append(f"  Web UI    {workflow.page}")
    return lines


def _took(found: Inspection, step: Step) -> timedelta | None:
    if found.times is None or found.turn is None:
        return None
    return found.times.took(step.step, found.turn.started_at)


def _seconds(took: timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds(), 3)


def _in(took: timedelta | None) -> str:
    return "" if took is None else f" in {took.total_seconds():.1f} s"


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
