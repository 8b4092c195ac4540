"""What the turn of a call has read, for whoever decides whether the call may run."""

from clara.approvals.taint import Taint
from store.database import Pool
from store.turns import taint
from store.turns.turns import Turn


async def taint_of(pool: Pool, turn: Turn) -> Taint:
    """What the model had read when it made its newest calls; one statement, because each step keeps it."""
    return await taint.of_turn(pool, turn.id)
