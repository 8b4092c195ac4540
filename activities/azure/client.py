"""Requests to Azure DevOps: its REST API in version 7.1, by Clara's own client for HTTP.

The vendor's library for Python is not maintained any more. It keeps one session for all clients of a process, keeps
routes in the home directory, asks for them before it asks for anything, waits and tries again by itself, and tells
no status, so that throttling looks like a thing that is not there. What is needed of it is a path and JSON.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from activities.accounts.access import Access
from activities.accounts.checking import AZURE_ANONYMOUS
from activities.azure.faults import WHO, of_answer
from activities.http.client import Client, Limits, Response
from activities.http.faults import fault
from clara.errors import ToolFailed, Unavailable

VERSION = "7.1"

Method = Literal["GET", "POST", "PATCH", "PUT"]

TOTAL_S = 20.0
"""A whole request. The tools' own time, 30 s, leaves room for an answer."""

SIZE = 4 * 2**20

SEARCH = "https://almsearch.dev.azure.com"
"""Its search is a service of its own; on a server of one's own it is at the server's address."""


@dataclass(frozen=True)
class Identity:
    """As whom a token acts."""

    id: str
    name: str
    account: str
    """By which people are named where a name alone could be two people's: mostly a mail address."""


@dataclass(frozen=True)
class Answer:
    data: dict[str, Any]
    after: str = ""
    """How the next page is asked for; empty if there is none."""
    version: str = ""
    """Of a page of a wiki."""

    @property
    def listed(self) -> list[dict[str, Any]]:
        """What a list holds; Unavailable where the answer is none."""
        found = self.data.get("value")
        if not isinstance(found, list):
            raise fault("garbled", WHO)
        return found


@dataclass(frozen=True)
class Ask:
    """A request below the address of an organization."""

    method: Method
    path: str
    """Begins with a slash; all that was not checked is quoted: ``path``."""
    query: Mapping[str, Any]
    body: Any = None
    changes: bool = False
    """Whether it is more than a look: some looks are posted."""
    version: str = VERSION
    search: bool = False
    headers: Mapping[str, str] | None = None


class AzureDevOps:
    """For all people; each request brings the account that it is made with. No cookie is kept between two.

    ``operators`` is the address that the operator has set, which may be inside.
    """

    def __init__(self, operators: str = "", total_s: float = TOTAL_S) -> None:
        self.operators = operators
        limits = Limits(total_s, SIZE, redirects=0)
        self._http = Client(WHO, limits, trusted=[operators] if operators else [])

    async def ask(self, account: Access, ask: Ask) -> Answer:
        """Raises Refused for a token that is not taken, ToolFailed for all else that is refused, and Unavailable.

        Throttling is Unavailable for looks only: what changes something was refused before it had an effect.
        """
        base = search_address(account.base_url) if ask.search else account.base_url
        answer = await self._http.request(
            ask.method,
            base + ask.path,
            params={name: _text(value) for name, value in ask.query.items() if value is not None}
            | {"api-version": ask.version},
            headers=_headers(account) | dict(ask.headers or {}),
            body=ask.body,
        )
        if not _is_data(answer):
            raise of_answer(answer.status, answer.headers, _problem(answer), ask.path, ask.changes)
        data = answer.json() if answer.body else {}
        if not isinstance(data, dict):
            raise fault("garbled", WHO)
        return Answer(data, answer.headers.get("x-ms-continuationtoken", ""), answer.headers.get("etag", ""))

    async def whose(self, account: Access) -> Identity | None:
        """As whom the token acts; None if it is not taken at all."""
        answer = await self._http.request("GET", f"{account.base_url}/_apis/connectionData", headers=_headers(account))
        if not _is_data(answer):
            refused = of_answer(answer.status, answer.headers, {}, "/_apis/connectionData", changes=False)
            if isinstance(refused, ToolFailed):
                return None
            raise refused
        data = answer.json()
        user = data.get("authenticatedUser") if isinstance(data, dict) else None
        if not isinstance(user, dict) or user.get("id") in (None, AZURE_ANONYMOUS):
            return None
        name, properties = str(user.get("providerDisplayName") or ""), user.get("properties")
        given = properties.get("Account") if isinstance(properties, dict) else None
        return Identity(str(user["id"]), name, str(given.get("$value") or name) if isinstance(given, dict) else name)

    async def close(self) -> None:
        await self._http.close()


def path(*parts: str | int) -> str:
    """Names as parts of a path. Those that begin with ``_apis/`` are of ours and may have slashes."""
    return "".join(f"/{quote(str(part), safe='/$' if str(part).startswith('_apis/') else '$')}" for part in parts)


def search_address(base_url: str) -> str:
    """Where the search of an organization is."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if host == "dev.azure.com":
        return SEARCH + parts.path
    if host.endswith(".visualstudio.com"):
        return f"{SEARCH}/{host.partition('.')[0]}"
    return base_url


def _headers(account: Access) -> dict[str, str]:
    secret = base64.b64encode(f":{account.token}".encode()).decode()
    # Without the second one the page to sign in may come in place of a refusal.
    return {"authorization": f"Basic {secret}", "accept": "application/json", "x-tfs-fedauthredirect": "Suppress"}


def _is_data(answer: Response) -> bool:
    """A success that is no page to sign in: that one comes as 203, as a redirect, or as plain HTML."""
    return 200 <= answer.status < 300 and answer.status != 203 and answer.media_type != "text/html"


def _problem(answer: Response) -> Mapping[str, Any]:
    if answer.media_type != "application/json":
        return {}
    try:
        found = answer.json()
    except Unavailable:  # it says nothing that can be read
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
