"""Requests to Google's services: with a deadline for the whole, a limit to what is read, and no second try.

Waiting and trying again is Temporal's. One client for all people: it keeps connections and nothing of anybody's.
"""

from functools import cached_property
from typing import Any

from activities.accounts.access import Access
from activities.google.apis import Api, Apis, Make
from activities.google.faults import WHO, of_answer
from activities.http.client import Client, Limits, Response
from activities.http.faults import fault

TOTAL_S = 20.0
"""A whole request. The tools' own time, 30 s, leaves room for a token that has to be renewed."""

SIZE = 8 * 2**20
"""Bytes of an answer, unpacked, unless a call wants more."""

_KEPT = (
    *("accept", "content-type", "if-match"),
    *("x-upload-content-type", "x-upload-content-length", "content-range"),
)
"""Headers of the library's that are sent. The others tell which Python this is, and what it would unpack."""


class Google:
    """``base_url`` is where Google is, for tests; empty for its own addresses."""

    def __init__(self, base_url: str = "", total_s: float = TOTAL_S) -> None:
        self._apis = Apis(base_url)
        self._total_s = total_s
        self._trusted = [base_url] if base_url else []

    @cached_property
    def _http(self) -> Client:
        """Made when it is first needed: it takes memory and time, and few connect an account."""
        return Client(WHO, Limits(self._total_s, SIZE, redirects=0), self._trusted)

    async def send(
        self,
        account: Access,
        api: Api,
        make: Make,
        size: int = SIZE,
        total_s: float | None = None,
        in_parts: bool = False,
    ) -> Response:
        """Send one request in the name of an account, and read the whole answer, which is a success.

        ``in_parts``: it belongs to an upload of which more may be to come; Google says so by status 308.
        Raises ToolFailed for what Google refuses (TokenRefused where it is about the token) and Unavailable for what
        passes by itself. A rate limit is Unavailable for reads only: what changes something was refused before it had
        an effect, and is told so.
        """
        request = make(await self._apis.get(api))
        limits = Limits(total_s or self._total_s, size, redirects=0)
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in _KEPT}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = await self._http.request(
            request.method,
            request.uri,
            headers={**headers, "authorization": f"Bearer {account.token}"},
            body=body,
            limits=limits,
        )
        if 200 <= answer.status < 300 or (in_parts and answer.status == 308):
            return answer
        raise of_answer(answer, writes=request.method != "GET")

    async def ask(
        self, account: Access, api: Api, make: Make, size: int = SIZE, total_s: float | None = None
    ) -> dict[str, Any]:
        """As ``send``; the object that was answered, which is empty where there is nothing to say."""
        answer = await self.send(account, api, make, size, total_s)
        if not answer.body.strip():
            return {}
        found = answer.json()
        if not isinstance(found, dict):
            raise fault("garbled", WHO)
        return found

    async def close(self) -> None:
        if "_http" in self.__dict__:
            await self._http.close()
