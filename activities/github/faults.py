"""What GitHub's refusals mean, in sentences that a model can act on.

GitHub's own words are passed on only where they say what is wrong with the arguments, on one line and cut.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.http.faults import fault_of_status
from activities.http.retry_after import retry_after
from clara.errors import ClaraError, ToolFailed, Unavailable
from clara.memory.kinds import one_line

WHO = "GitHub"
LONGEST_PAUSE = timedelta(hours=1)
"""The primary limit is counted by the hour."""

_LIMITED = {"search": " for searches", "code_search": " for code searches", "graphql": " for projects"}
"""What has a limit of its own, which is far lower for searches."""

WORDS_LIMIT = 300


class TokenRefused(ToolFailed):
    """The account has to be connected again."""


class NotFound(ToolFailed):
    """There is no such thing, or it is hidden from the account."""


class Conflict(ToolFailed):
    """It does not go together with what is there: it has changed meanwhile, or ended."""


def of_answer(status: int, headers: Mapping[str, str], data: Mapping[str, Any], writes: bool) -> ClaraError:
    """What an answer that is no success means. Header names are in small letters."""
    if status in (403, 429) and (limit := _pause(status, headers, data)) is not None:
        until = (datetime.now(UTC) + limit).strftime("%H:%M UTC")
        which = f"GitHub's rate limit{_LIMITED.get(headers.get('x-ratelimit-resource', ''), '')}"
        if writes:
            return ToolFailed(f"{which} is reached, so nothing was done. It can be tried after {until}.")
        return Unavailable(f"{which} is reached until {until}.", "rate_limit", limit)
    return _of_token(status, headers) or _of_request(status, headers, data)


def _of_token(status: int, headers: Mapping[str, str]) -> ClaraError | None:
    """What the token is not good for."""
    if status == 401:
        return TokenRefused(
            "GitHub does not accept the token any more. The person has to do /clara connect github again."
        )
    if status == 403 and headers.get("x-github-sso"):
        return ToolFailed(
            "The organization wants single sign-on for this token. The person has to authorize it for the "
            "organization, on github.com under Settings, Developer settings, tokens, Configure SSO."
        )
    if status in (403, 404) and (missing := _missing_scopes(headers)):
        # What is simply not there may be answered in this way as well.
        kind = NotFound if status == 404 else ToolFailed
        return kind(
            f"The token lacks a scope: this needs one of {', '.join(missing)}. The person has to make a token that "
            "has it and do /clara connect github again."
        )
    return None


def _of_request(status: int, headers: Mapping[str, str], data: Mapping[str, Any]) -> ClaraError:
    if status == 405:
        return ToolFailed(f"This cannot be done on GitHub as things are.{said(data)}")
    if status == 403:
        return ToolFailed(f"The account may not do this on GitHub.{said(data)}")
    if status == 404:
        return NotFound("GitHub has no such thing, or the account may not see it. Check owner, repo and number.")
    if status == 410:
        return ToolFailed(f"This is gone, or switched off for the repository.{said(data)}")
    if status in (400, 406, 409, 422):
        kind = Conflict if status == 409 else ToolFailed
        return kind(f"GitHub refused this as invalid.{said(data)} Correct it and call again.")
    return fault_of_status(status, headers, WHO)


def _pause(status: int, headers: Mapping[str, str], data: Mapping[str, Any]) -> timedelta | None:
    """How long a rate limit lasts; None if it is not one."""
    if (asked := retry_after(headers, LONGEST_PAUSE)) is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdecimal():
        left = timedelta(seconds=int(headers["x-ratelimit-reset"]) - time.time())
        return min(max(left, timedelta(seconds=1)), LONGEST_PAUSE)
    if status == 429 or "rate limit" in str(data.get("message", "")).lower():
        return timedelta(minutes=1)  # what GitHub asks for where it names no time
    return None


def _missing_scopes(headers: Mapping[str, str]) -> list[str]:
    """Scopes of which one would do, where the token has none of them. Fine-grained tokens tell of none."""
    if "x-oauth-scopes" not in headers:
        return []
    has = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
    would_do = [scope.strip() for scope in headers.get("x-accepted-oauth-scopes", "").split(",") if scope.strip()]
    return [] if has & set(would_do) else would_do


def said(data: Mapping[str, Any]) -> str:
    """GitHub's words about what is wrong, as a sentence with a space before it."""
    words = [str(data.get("message", ""))]
    errors = data.get("errors")
    for each in errors[:5] if isinstance(errors, list) else []:
        if isinstance(each, dict):
            words.append(str(each.get("message") or f"{each.get('field', '')} {each.get('code', '')}"))
    said = one_line("; ".join(word for word in words if word.strip()))[:WORDS_LIMIT]
    return f" It says: {said.rstrip('.')}." if said else ""
