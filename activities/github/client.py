"""Requests to GitHub by PyGithub: one client a call, so that nothing of one person serves another.

PyGithub waits and tries again by itself, in the thread that it runs in, for up to an hour. All of that is switched
off here: waiting is Temporal's. Its timeout is one for each read, so a server that drips would hold a call for ever;
the deadline around the thread is what ends it.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from activities.accounts.access import Access
from activities.github.faults import sorted_faults

ADDRESS = "https://api.github.com"

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]

TOTAL_S = 20.0
"""A whole request. The tools' own time, 30 s, leaves room for an answer."""

READ_S = 10
"""Between two bytes. A thread whose call was given up ends after it at the latest, unless the server drips."""

THREADS = 16

PER_PAGE = 100
"""GitHub's own limit."""


@dataclass(frozen=True)
class Answer:
    data: Any
    more: bool
    """There is another page."""


class GitHub:
    """For all people; each call brings the account that it is made with. Nothing is loaded before the first one."""

    def __init__(self, total_s: float = TOTAL_S) -> None:
        self._total_s = total_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="github")

    async def ask(
        self, account: Access, method: Method, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Answer:
        """One request. ``path`` begins with a slash and holds only what was checked.

        Raises ToolFailed for what GitHub refuses, and Unavailable for what passes by itself. A rate limit is
        Unavailable for reads only: what changes something was refused before it had an effect, and is told so.
        """
        with sorted_faults(writes=method != "GET"):
            async with asyncio.timeout(self._total_s):
                return await asyncio.get_running_loop().run_in_executor(
                    self._threads, _ask, account, method, path, body, dict(query or {})
                )

    def close(self) -> None:
        # A thread that hangs is not waited for: it has nobody to tell.
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(account: Access, method: Method, path: str, body: Any, query: dict[str, Any]) -> Answer:
    from github import Auth, Github

    client = Github(
        auth=Auth.Token(account.token),
        base_url=account.base_url or ADDRESS,
        timeout=READ_S,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
        user_agent="Clara",
    )
    try:
        headers, data = client.requester.requestJsonAndCheck(method, path, parameters=query or None, input=body)
    finally:
        client.close()
    return Answer(data, 'rel="next"' in headers.get("link", ""))
