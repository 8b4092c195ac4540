"""Requests to GitHub, REST and GraphQL: by the bounded client that all integrations share.

It holds no account: each request brings its own, so that nothing of one person serves another. A token goes to the
address of its account and nowhere else, whatever GitHub redirects to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from activities.accounts.access import Access
from activities.github import addresses, faults, graphql
from activities.http.client import Client, Limits, Response
from activities.http.faults import TooLarge, fault

VERSION = "2022-11-28"
JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]

TOTAL_S = 20.0
"""A whole request. The tools' own time, 30 s, leaves room for an answer."""

SIZE = 16 * 2**20
"""Bytes of an answer, unpacked. A hundred descriptions at GitHub's limit are half of that."""

REDIRECTS = 2
"""A repository that was renamed answers by one."""

PER_PAGE = 100
"""GitHub's own limit."""


@dataclass(frozen=True)
class Answer:
    data: Any
    """None where GitHub sends nothing beside its yes."""
    more: bool
    """There is another page."""


class GitHub:
    """For all people. ``trusted`` is the address of a GitHub Enterprise, which may be inside."""

    def __init__(self, total_s: float = TOTAL_S, trusted: Collection[str] = (), size: int = SIZE) -> None:
        limits = Limits(total_s=total_s, size=size, redirects=REDIRECTS, verbatim=True)
        self._client = Client(faults.WHO, limits, trusted)

    async def ask(
        self,
        account: Access,
        method: Method,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        accept: str = JSON,
    ) -> Answer:
        """One request. ``path`` begins with a slash and holds only what was checked.

        Raises ToolFailed for what GitHub refuses, and Unavailable for what passes by itself. A rate limit is
        Unavailable for reads only: what changes something was refused before it had an effect, and is told so.
        """
        url = f"{account.base_url or addresses.REST}{path}"
        answer = await self._send(account, method, url, body, query, writes=method != "GET", accept=accept)
        data = answer.json() if answer.body.strip() else None
        return Answer(data, 'rel="next"' in answer.headers.get("link", ""))

    async def text(self, account: Access, path: str, accept: str) -> str:
        """What GitHub shows as another type than JSON, such as a diff."""
        url = f"{account.base_url or addresses.REST}{path}"
        return (await self._send(account, "GET", url, None, None, writes=False, accept=accept)).text

    async def raw(self, account: Access, path: str, query: Mapping[str, Any]) -> bytes:
        """The bytes of a file."""
        url = f"{account.base_url or addresses.REST}{path}"
        return (await self._send(account, "GET", url, None, query, writes=False, accept=RAW)).body

    async def graphql(self, account: Access, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a query or a mutation, whole: an answer with an error in it raises as ``ask`` does."""
        writes = query.lstrip().startswith("mutation")
        body = {"query": query, "variables": dict(variables)}
        answer = await self._send(account, "POST", addresses.graphql(account.base_url), body, None, writes)
        return graphql.data_of(answer.json(), answer.headers, writes)

    async def close(self) -> None:
        await self._client.close()

    async def _send(
        self,
        account: Access,
        method: Method,
        url: str,
        body: Any,
        query: Mapping[str, Any] | None,
        writes: bool,
        accept: str = JSON,
    ) -> Response:
        headers = {"authorization": f"Bearer {account.token}", "accept": accept, "x-github-api-version": VERSION}
        params = {name: str(value) for name, value in sorted((query or {}).items())}
        try:
            answer = await self._client.request(method, url, headers=headers, params=params or None, body=body)
        except TooLarge:
            if not writes:
                raise
            raise fault("garbled", faults.WHO) from None  # it was done, or may have been
        if not 200 <= answer.status < 300:
            raise faults.of_answer(answer.status, answer.headers, _problem(answer), writes)
        return answer


def _problem(answer: Response) -> dict[str, Any]:
    """What an answer that is no success says; proxies before GitHub say it in HTML."""
    found = answer.json() if answer.media_type.endswith("json") and answer.body else {}
    return found if isinstance(found, dict) else {}
