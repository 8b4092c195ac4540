"""The tools that a turn has called, and what became of each: as the store knows it."""

import logging
from dataclasses import dataclass
from typing import Any, Literal

from adapters.cli.render.printable import one_line
from adapters.door import Door
from clara.errors import StackFault
from clara.messages import ToolCallPart
from clara.tools.tool import label
from store.database import Pool
from store.turns.steps import ToolResult, of_turns, results_of_turns

log = logging.getLogger(__name__)

Outcome = Literal["done", "failed", "unknown", "none"]

_REASON = 120
_MARKS: dict[Outcome, str] = {"done": "✓", "failed": "✗", "unknown": "?", "none": "✗"}


@dataclass(frozen=True)
class ShownCall:
    step: int
    id: str
    name: str
    arguments: dict[str, Any]
    label: str
    outcome: Outcome
    """``none``: there is no result, or not yet."""
    reason: str = ""
    """Of a failure, on one line."""

    @property
    def mark(self) -> str:
        return _MARKS[self.outcome]

    @property
    def line(self) -> str:
        """For people, with its mark before it; one without a result is taken to bring none any more."""
        told = {"done": "", "failed": self.reason, "unknown": "the outcome is unknown", "none": "it brought no result"}
        end = told[self.outcome]
        return f"{self.mark} {one_line(self.label, 200)}{f' ({end})' if end else ''}"


async def calls_of(pool: Pool, turn_id: str) -> list[ShownCall]:
    """In the order in which the model made them."""
    steps = (await of_turns(pool, [turn_id])).get(turn_id, [])
    made = [(step.step, part) for step in steps for part in step.parts if isinstance(part, ToolCallPart)]
    results = (await results_of_turns(pool, [turn_id])).get(turn_id, {}) if made else {}
    return [_call(step, part, results.get((step, part.id))) for step, part in made]


async def known_calls(door: Door, turn_id: str) -> list[ShownCall] | None:
    """As ``calls_of``; None if the store does not answer."""
    try:
        return await door.store(calls_of, turn_id)
    except StackFault as error:
        log.info("the tools of %s are not known: %s", turn_id, error)
        return None


def _call(step: int, part: ToolCallPart, result: ToolResult | None) -> ShownCall:
    outcome: Outcome = "none"
    reason = ""
    if result is not None:
        outcome = "unknown" if result.ambiguous else "failed" if result.is_error else "done"
        reason = one_line(result.preview, _REASON) if outcome == "failed" else ""
    return ShownCall(step, part.id, part.name, part.arguments, label(part), outcome, reason)
