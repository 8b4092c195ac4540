"""The tools that need nothing but Clara's own store. A new one is a module here and a line in ``toolset``."""

from activities.tools.builtin import clock, find, notes, output
from activities.tools.offers import Offers
from activities.tools.toolset import Toolset, fixed
from store.database import Pool


def toolset(pool: Pool, offers: Offers) -> Toolset:
    tools = (
        clock.TOOL,
        *notes.tools(pool),
        output.tool(pool),
        find.tool(pool, offers),
    )
    return fixed("clara", tools, core=True)
