"""A tool call of a turn, with all that running it needs, in one statement."""

from dataclasses import dataclass

from clara.messages import ToolCallPart
from store.database import Pool
from store.turns import steps, turns
from store.turns.steps import ToolResult
from store.turns.turns import Turn


@dataclass(frozen=True)
class StoredCall:
    turn: Turn
    part: ToolCallPart
    result: ToolResult | None
    """What it brought, if it was run already."""


async def get(pool: Pool, turn_id: str, step: int, call_id: str) -> StoredCall | None:
    """None where the turn, the step, or a call of this id in it is not stored."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select {turns.COLUMNS}, s.parts::text, {steps.RESULT_COLUMNS}"
                " from turns t join steps s on s.turn_id = t.id and s.step = %(step)s"
                " left join tool_results r on r.turn_id = t.id and r.step = s.step and r.call_id = %(call)s"
                " where t.id = %(turn)s",
                {"turn": turn_id, "step": step, "call": call_id},
            )
        ).fetchone()
    if row is None:
        return None
    parts = steps.PARTS.validate_json(row["parts"])
    part = next((p for p in parts if p.type == "tool_call" and p.id == call_id), None)
    if not isinstance(part, ToolCallPart):
        return None
    return StoredCall(turns.of_row(row), part, steps.result_of_row(row) if row["call_id"] is not None else None)
