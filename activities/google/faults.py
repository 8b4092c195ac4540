"""What Google's refusals mean, in sentences that a model can act on.

Google's own words are passed on only where they say what is wrong with the arguments, on one line and cut.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.http.client import Response
from activities.http.faults import fault_of_status
from activities.http.retry_after import retry_after
from clara.errors import ClaraError, ToolFailed, Unavailable
from clara.memory.kinds import one_line

WHO = "Google"
LONGEST_PAUSE = timedelta(hours=1)
PAUSE = timedelta(minutes=1)
"""Google counts by the minute, and names no time."""

WORDS_LIMIT = 300

CONNECT_AGAIN = "The person has to do /connect google again (on Discord /clara connect google)"

_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"})


class TokenRefused(ToolFailed):
    """Google does not take the token: it was ended, or the person has taken it back."""


class NotFound(ToolFailed):
    """There is no such thing for this account."""


class Exists(ToolFailed):
    """There is one of that id."""


class Gone(ToolFailed):
    """It was deleted."""


_SWITCHED_OFF = "This service of Google's is not switched on for Clara. Who runs her has to enable it.{said}"
_UNTICKED = f"The person did not allow this when they connected. {CONNECT_AGAIN}, and leave it ticked."
_TOMORROW = "Google's limit for a day is reached, so nothing was done. It can be tried tomorrow."

_BY_REASON: Mapping[str, str] = {
    "dailyLimitExceeded": _TOMORROW,
    "dailyLimitExceededUnreg": _TOMORROW,
    "accessNotConfigured": _SWITCHED_OFF,
    "SERVICE_DISABLED": _SWITCHED_OFF,
    "insufficientPermissions": _UNTICKED,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _UNTICKED,
    "appNotAuthorizedToFile": "Clara may change only files in Drive that she has made herself, and only read this one.",
}

_BY_STATUS: Mapping[int, tuple[type[ToolFailed], str]] = {
    400: (ToolFailed, "Google refused this as invalid.{said} Correct it and call again."),
    401: (TokenRefused, f"Google does not accept the account any more. {CONNECT_AGAIN}."),
    403: (ToolFailed, "The account may not do this at Google.{said}"),
    404: (NotFound, "Google has no such thing, or the account may not see it. Check the id."),
    409: (Exists, "Google refused this, because there is one like it already.{said}"),
    410: (Gone, "This is gone: it was deleted before."),
    412: (ToolFailed, "It was changed meanwhile, so nothing was done. Read it again, and then decide."),
}


def of_answer(answer: Response, writes: bool) -> ClaraError:
    """What an answer that is no success means."""
    error = _error(answer)
    reasons, said = _reasons(error), _said(error)
    if answer.status == 429 or reasons & _LIMITS:
        return _limited(retry_after(answer.headers, LONGEST_PAUSE) or PAUSE, writes)
    for reason, words in _BY_REASON.items():
        if reason in reasons:
            return ToolFailed(words.format(said=said))
    if answer.status in _BY_STATUS:
        kind, words = _BY_STATUS[answer.status]
        return kind(words.format(said=said))
    return fault_of_status(answer.status, answer.headers, WHO)


def _limited(pause: timedelta, writes: bool) -> ClaraError:
    until = (datetime.now(UTC) + pause).strftime("%H:%M UTC")
    if writes:
        return ToolFailed(f"Google's rate limit is reached, so nothing was done. It can be tried after {until}.")
    return Unavailable(f"Google's rate limit is reached until {until}.", "rate_limit", pause)


def _error(answer: Response) -> Mapping[str, Any]:
    """What Google says is wrong; empty where it says nothing that can be read."""
    try:
        found = answer.json()
    except Unavailable:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> set[str]:
    """In both of the forms that Google's services use."""
    parts = [part for name in ("errors", "details") if isinstance(each := error.get(name), list) for part in each]
    return {str(part["reason"]) for part in parts if isinstance(part, dict) and "reason" in part}


def _said(error: Mapping[str, Any]) -> str:
    """Google's words, as a sentence with a space before it."""
    said = one_line(str(error.get("message", "")))[:WORDS_LIMIT]
    return f" It says: {said.rstrip('.')}." if said else ""
