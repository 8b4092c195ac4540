"""What was paid for a turn beside its answers: guessing its tier, learning from it."""

from typing import Literal

from clara.llm.models import Usage
from store.database import Pool
from store.people.personal import OF_THEIR_TURNS, Personal

PERSONAL = (Personal("side_calls", "side_calls", OF_THEIR_TURNS),)

Purpose = Literal["tier", "memory"]


async def save(pool: Pool, turn_id: str, purpose: Purpose, provider: str, model: str, usage: Usage) -> None:
    """Count a call. A turn that was forgotten meanwhile is not brought back by it."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into side_calls (turn_id, purpose, provider, model, input_tokens, output_tokens, cached_tokens,"
            " cache_write_tokens, cost_usd) select id, %s, %s, %s, %s, %s, %s, %s, %s from turns where id = %s"
            " for key share",
            (
                purpose,
                provider,
                model,
                usage.input_tokens,
                usage.output_tokens,
                usage.cached_tokens,
                usage.cache_write_tokens,
                usage.cost_usd,
                turn_id,
            ),
        )
