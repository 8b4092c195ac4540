"""``web_search``: what the web has on something."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from activities.web.tavily import Depth, Recent
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.web import Found, results

NAME = "web_search"

MISSING = (
    "searching the web needs a key of Tavily (tavily.com); the operator sets it as TAVILY_API_KEY and starts Clara "
    "again. fetch_page reads a page whose address is known"
)


class WebSearch(Arguments):
    query: str = Field(min_length=2, max_length=400)
    max_results: int = Field(5, ge=1, le=10)
    search_depth: Depth = Field("basic", description="advanced is slower and costs more")
    recent: Recent | None = Field(None, description="only what was published within the last day, week, ...")


class Searches(Protocol):
    """Whoever searches."""

    async def search(self, query: str, results: int, depth: Depth, recent: Recent | None) -> Sequence[Found]:
        """What there is, best first."""


def tool(searches: Searches) -> Tool[WebSearch]:
    async def search(arguments: WebSearch, context: Context) -> ToolOutput:
        query = " ".join(arguments.query.split())
        if not query:
            raise ToolFailed("Give words to search for.")
        found = await searches.search(query, arguments.max_results, arguments.search_depth, arguments.recent)
        if not found:
            return ToolOutput("Nothing was found on the web for that. Try other words.", provenance=Provenance.CLARA)
        return ToolOutput(results(query, found), source=f'what a search for "{query[:100]}" found')

    return Tool(
        name=NAME,
        description="Search the web. Brings titles, addresses and excerpts.",
        arguments=WebSearch,
        run=search,
        view=lambda asked: " ".join(asked.query.split()),
        provenance=Provenance.OTHERS,
        sends=lambda asked: (asked.query,),
    )
