"""Tavily, by its own client, whose requests go through ours: bounded, to checked addresses, without proxies.

Its client takes an HTTP client to send by. That one is given here, so of the SDK remain the names of what it asks for.
What would be its errors is sorted before it sees an answer.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, SecretStr, ValidationError

from activities.http.client import Client, Limits, Response
from activities.http.faults import fault
from clara.errors import ToolFailed
from clara.web import Found, is_web_address

if TYPE_CHECKING:
    from tavily import AsyncTavilyClient

log = logging.getLogger(__name__)

ADDRESS = "https://api.tavily.com"
WHO = "The web search"
LIMITS = Limits(total_s=20, size=2 * 2**20, media_types=("application/json",), redirects=0)

Depth = Literal["basic", "advanced"]
Recent = Literal["day", "week", "month", "year"]

PLAN_USED_UP = (432, 433)
"""Statuses of Tavily's own: the limit of the plan, and that of pay-as-you-go."""

_SENT = ("content-type", "authorization", "x-client-source")
"""Headers of the SDK that are sent; it takes others from variables of the environment."""


class _Result(BaseModel):
    url: str
    title: str | None = None
    content: str | None = None
    published_date: str | None = None


class Tavily:
    """The SDK is loaded at the first search. Without a key it would ask all the same, so there must be one."""

    def __init__(self, key: SecretStr, base_url: str | None = None) -> None:
        self._key = key
        self._url = base_url or ADDRESS
        self._client = Client(WHO, LIMITS, trusted=[base_url] if base_url else [])
        self._tavily: AsyncTavilyClient | None = None

    async def search(self, query: str, results: int, depth: Depth, recent: Recent | None) -> Sequence[Found]:
        """What it finds, best first. Raises ToolFailed and Unavailable as ``Client`` does."""
        answer = await self._sdk().search(query, max_results=results, search_depth=depth, time_range=recent)
        return [found for each in answer["results"][:results] if (found := _found(each)) is not None]

    def _sdk(self) -> "AsyncTavilyClient":
        if self._tavily is None:
            import httpx
            from tavily import AsyncTavilyClient

            from activities.web.transport import ThroughClient

            transport = ThroughClient(self._client, _SENT, _checked)
            http = httpx.AsyncClient(base_url=self._url, transport=transport, trust_env=False)
            self._tavily = AsyncTavilyClient(self._key.get_secret_value(), api_base_url=self._url, client=http)
        return self._tavily

    async def close(self) -> None:
        await self._client.close()


def _checked(answer: Response) -> Response:
    """An answer that the SDK can read; whatever else it is is raised here."""
    if answer.status == 401:
        log.error("Tavily refuses the key of TAVILY_API_KEY")
        raise ToolFailed(f"{WHO} refuses the key of this installation; its operator has to look at TAVILY_API_KEY.")
    if answer.status in PLAN_USED_UP:
        log.error("the plan of the key TAVILY_API_KEY is used up")
        raise ToolFailed(f"{WHO} has used up what the plan of its key allows; do without it for now.")
    answer.check()
    found = answer.json()
    if answer.status != 200 or not isinstance(found, dict) or not isinstance(found.get("results"), list):
        raise fault("garbled", WHO)
    return answer


def _found(result: object) -> Found | None:
    """A result, if it is one that can be gone to."""
    try:
        read = _Result.model_validate(result)
    except ValidationError:
        return None
    if not is_web_address(read.url):
        return None
    return Found(read.url, read.title or "", read.content or "", read.published_date or "")
