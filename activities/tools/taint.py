"""What a turn has read."""

from clara.approvals.taint import Taint
from clara.tools.provenance import Provenance
from store.database import Pool
from store.turns import steps
from store.turns.turns import Turn


async def taint_of(pool: Pool, turn: Turn) -> Taint:
    """Of the results of its own tools."""
    results = (await steps.results_of_turns(pool, [turn.id])).get(turn.id, {}).values()
    others = dict.fromkeys(each.tool for each in results if each.provenance is Provenance.OTHERS)
    return Taint(others=tuple(f"what {tool} brought" for tool in others))
