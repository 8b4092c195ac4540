"""What Azure DevOps' refusals mean, in sentences that a model can act on.

Its own words are passed on only where they say what is wrong with what was asked, on one line and cut.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.http.faults import fault_of_status
from activities.http.retry_after import retry_after
from clara.errors import ClaraError, ToolFailed, Unavailable
from clara.memory.kinds import one_line

WHO = "Azure DevOps"
LONGEST_PAUSE = timedelta(hours=1)
WORDS_LIMIT = 300

AGAIN = "The person has to do /clara connect azure-devops again."

SCOPES = {
    "git": "Code",
    "search/codesearchresults": "Code",
    "wit": "Work Items",
    "work": "Work Items",
    "search/workitemsearchresults": "Work Items",
    "build": "Build",
    "pipelines": "Build",
    "wiki": "Wiki",
    "testplan": "Test Management",
    "projects": "Project and Team",
}
"""What a token's owner has to tick, by the beginning of the path."""


class Missing(ToolFailed):
    """There is no such thing, or none that the account may see."""


class Refused(ToolFailed):
    """The token is not taken: it is no good any more, or lacks a scope. Azure DevOps does not tell these apart."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"Azure DevOps does not accept the token any more. {AGAIN}")
        self.scope = scope

    @property
    def for_want_of_a_scope(self) -> ToolFailed:
        return ToolFailed(
            f"The token is good, but may not do this: it needs the scope {self.scope}. The person has to make one with "
            "that scope, on Azure DevOps under User settings, Personal access tokens, and do /clara connect "
            "azure-devops again."
        )


def of_answer(status: int, headers: Mapping[str, str], data: Mapping[str, Any], path: str, changes: bool) -> ClaraError:
    """What an answer that brings no data means. Header names are in small letters."""
    if (pause := _pause(status, headers)) is not None:
        until = (datetime.now(UTC) + pause).strftime("%H:%M UTC")
        if changes:
            return ToolFailed(f"Azure DevOps throttles this account, so nothing was done. Try again after {until}.")
        return Unavailable(f"Azure DevOps throttles this account until {until}.", "rate_limit", pause)
    if status == 401 or status < 400:  # 203, 302 and HTML are the page to sign in
        return Refused(_scope(path, changes))
    said = _said(data)
    if status == 403:
        return ToolFailed(f"The account may not do this on Azure DevOps.{said}")
    if status == 404:
        return Missing(f"Azure DevOps has no such thing, or the account may not see it.{said} Check the names.")
    if status in (409, 412):
        return ToolFailed(
            f"Azure DevOps refused this, because it conflicts with what is there.{said} Read it anew, then try again."
        )
    if status == 400:
        return ToolFailed(f"Azure DevOps refused this as invalid.{said} Correct it and call again.")
    return fault_of_status(status, headers, WHO)


def _pause(status: int, headers: Mapping[str, str]) -> timedelta | None:
    """How long throttling lasts; None if it is none."""
    asked = retry_after(headers, LONGEST_PAUSE)
    if status == 503:  # with a pause it is throttling, else an overload
        return asked
    if status != 429:
        return None
    if asked is not None:
        return asked
    reset = headers.get("x-ratelimit-reset", "")
    if reset.isdecimal():
        left = timedelta(seconds=int(reset[:12]) - time.time())
        return min(max(left, timedelta(seconds=1)), LONGEST_PAUSE)
    return timedelta(minutes=1)


def _scope(path: str, changes: bool) -> str:
    resource = path.partition("/_apis/")[2].lower()
    scope = next((scope for beginning, scope in SCOPES.items() if f"{resource}/".startswith(f"{beginning}/")), "")
    if not scope:
        return "that belongs to it"
    if scope == "Build":
        return "Build (read & execute)" if changes else "Build (read)"
    return f"{scope} (read & write)" if changes else f"{scope} (read)"


def _said(data: Mapping[str, Any]) -> str:
    """Its words about what is wrong, as a sentence with a space before it."""
    said = one_line(str(data.get("message") or ""))[:WORDS_LIMIT]
    return f" It says: {said.rstrip('.')}." if said else ""
