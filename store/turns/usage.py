"""What models and tools were used, summed up for whoever runs Clara."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, LiteralString

from store.database import Pool

By = Literal["day", "person", "model"]


@dataclass(frozen=True)
class Used:
    """Model calls of one day, person or model."""

    of: str
    calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: Decimal
    """Of the calls whose price is known."""
    unpriced: int
    """Calls whose price is not."""


@dataclass(frozen=True)
class ToolUsed:
    tool: str
    calls: int
    failed: int
    characters: int
    """Of the outputs, as far as the model was shown them."""


_OF: dict[By, LiteralString] = {
    "day": "to_char(c.created_at at time zone %(zone)s, 'YYYY-MM-DD')",
    "person": "t.user_id",
    "model": "c.provider || ' ' || c.model",
}
_USED: LiteralString = "turn_id, provider, model, input_tokens, output_tokens, cached_tokens, cost_usd, created_at"


async def used(pool: Pool, by: By, since: datetime, zone: str, user_id: str | None = None) -> list[Used]:
    """All model calls since a time, side calls too; days by their date in ``zone``, others the dearest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_OF[by]} as of, count(*) as calls, sum(input_tokens) as input_tokens,"
                " sum(output_tokens) as output_tokens, sum(cached_tokens) as cached_tokens,"
                " coalesce(sum(cost_usd), 0) as cost_usd, count(*) filter (where cost_usd is null) as unpriced"
                f" from (select {_USED} from steps union all select {_USED} from side_calls) c"
                " join turns t on t.id = c.turn_id"
                " where c.created_at >= %(since)s and (%(user)s::text is null or t.user_id = %(user)s)"
                f" group by 1 order by {'1' if by == 'day' else '6 desc, 2 desc, 1'}",
                {"since": since, "zone": zone, "user": user_id},
            )
        ).fetchall()
    return [Used(**row) for row in rows]


async def tools(pool: Pool, since: datetime, user_id: str | None = None) -> list[ToolUsed]:
    """All results of tools since a time, the tool first whose outputs the model read most of."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select r.tool, count(*) as calls, count(*) filter (where r.is_error) as failed,"
                " sum(length(r.preview)) as characters from tool_results r join turns t on t.id = r.turn_id"
                " where r.created_at >= %(since)s and (%(user)s::text is null or t.user_id = %(user)s)"
                " group by 1 order by 4 desc, 1",
                {"since": since, "user": user_id},
            )
        ).fetchall()
    return [ToolUsed(**row) for row in rows]
