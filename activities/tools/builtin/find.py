"""Finding tools that were not offered, because there are too many to show them all."""

from pydantic import Field

from activities.tools.catalogue import Available
from activities.tools.offers import FIND_TOOLS, Offers
from activities.tools.tool import Arguments, Context, Tool
from clara.errors import ToolFailed
from clara.tools.search import search
from clara.tools.tool import Effect, Risk
from store.database import Pool
from store.turns import turns

FOUND = 8
LACKING = 4


class FindTools(Arguments):
    query: str = Field(min_length=2, max_length=300, description="what the tool should do, in English keywords")


def tool(pool: Pool, offers: Offers) -> Tool[FindTools]:
    """The search over everything that the person may use."""

    async def find(arguments: FindTools, context: Context) -> str:
        turn = await turns.get(pool, context.message.turn_id)
        if turn is None:
            raise ToolFailed("The record of this turn is gone.")
        offered = await offers.of(turn)
        hidden = {each.name: each for each in offered.hidden()}
        names = search(arguments.query, {name: each.description for name, each in hidden.items()}, FOUND)
        lacking = _lacking(arguments.query, offered.available)
        if not names and lacking:
            return lacking
        if not names:
            sources = ", ".join(sorted({offered.available.toolset_of[name] for name in hidden}))
            return f"No other tool fits that. There are more tools of: {sources or 'nobody'}. Try other words once."
        await offers.add(turn, [hidden[name] for name in names])
        lines = [f"- {name}: {hidden[name].description}" for name in names]
        return "\n".join(["You can call these from now on:", *lines, *filter(None, [lacking])])

    return Tool(
        name=FIND_TOOLS,
        description=(
            "Search for tools that you are not shown: there are more than fit here, of plugins and connected services. "
            "Use it before you say that you cannot do something. What it finds you can call in your next step."
        ),
        arguments=FindTools,
        run=find,
        effect=Effect.IDEMPOTENT,
        risk=Risk.LOOK,
    )


def _lacking(query: str, available: Available) -> str:
    """What fits as well and cannot be used now, with what to do about it; empty if there is none."""
    names = search(query, available.missing, LACKING)
    lines = [f"- {name}: {available.missing[name]}" for name in names]
    return "\n".join(["These cannot be used now. Tell the person what is missing:", *lines]) if lines else ""
