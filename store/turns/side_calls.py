"""What was paid for a turn beside its answers: guessing its tier, learning from it."""

from typing import Literal

from clara.llm.models import Usage
from store import budgets
from store.database import Pool
from store.people.personal import OF_THEIR_TURNS, Personal

PERSONAL = (Personal("side_calls", "side_calls", OF_THEIR_TURNS),)

Purpose = Literal["tier", "memory"]


async def save(pool: Pool, turn_id: str, purpose: Purpose, provider: str, model: str, usage: Usage) -> None:
    """Count a call, and settle what was reserved for it. A forgotten turn is not brought back by it."""
    async with pool.connection() as connection:
        await connection.execute(
            f"with settled as ({budgets.SETTLE})"
            " insert into side_calls (turn_id, purpose, provider, model, input_tokens, output_tokens, cached_tokens,"
            " cache_write_tokens, cost_usd) select id, %(slot)s, %(provider)s, %(model)s, %(input)s, %(output)s,"
            " %(cached)s, %(written)s, %(cost)s from turns where id = %(turn)s for key share",
            {
                "turn": turn_id,
                "slot": purpose,
                "provider": provider,
                "model": model,
                "input": usage.input_tokens,
                "output": usage.output_tokens,
                "cached": usage.cached_tokens,
                "written": usage.cache_write_tokens,
                "cost": usage.cost_usd,
            },
        )
