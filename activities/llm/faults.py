"""Failures of model providers, sorted into what passes by itself and what does not.

The two SDKs and the HTTP library under them fail in their own ways, mid-stream in yet others. Here
all of it becomes Unavailable or ModelRefused, in plain sentences that hold neither the key nor the
prompt nor a provider's raw words; those go to the operator's log, shortened and redacted.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from activities.http.faults import PASSING, Flooded, kind_of_error, kind_of_status
from activities.http.retry_after import retry_after
from activities.llm.deltas import Full
from clara.errors import ClaraError, ModelRefused, Unavailable
from clara.llm.models import Completion
from clara.settings.llm import KEY_VARIABLES

log = logging.getLogger(__name__)

DETAIL_LIMIT = 200
"""Characters of a provider's own words in the log."""

COSTLY = ("truncated", "empty", "garbled")
"""Kinds of faults after which the provider has already charged for the question."""

_FINAL = {
    "auth": "{who} refused the key. Check {prefix}_API_KEY.",
    "billing": "{who} says that there is no credit left. Check the account of {prefix}_API_KEY.",
    "not_found": "{who} does not offer {model!r}. Check {prefix}_MODEL and {prefix}_BASE_URL.",
    "bad_request": "{who} refused the request as invalid. The reason is in the log (clara logs).",
    "declined": "{who} declined to answer this. Please put it differently, or start a new conversation.",
    "too_long": "This conversation is too long for the model. Please start a new one, or send less at once.",
}

# By the words with which providers name the class of an error in a body or a stream.
_CLASSES = {
    "rate_limit_error": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "overloaded_error": "overloaded",
    "overloaded": "overloaded",
    "timeout_error": "timeout",
    "api_error": "server",
    "server_error": "server",
    "authentication_error": "auth",
    "permission_error": "auth",
    "invalid_api_key": "auth",
    "billing_error": "billing",
    "insufficient_quota": "billing",
    "not_found_error": "not_found",
    "model_not_found": "not_found",
    "invalid_request_error": "bad_request",
    "request_too_large": "too_long",
    "context_length_exceeded": "too_long",
    "content_filter": "declined",
    "content_policy_violation": "declined",
}
# These say more than the HTTP status that comes with them: a 429 for an empty account, say.
_SPECIFIC = ("insufficient_quota", "context_length_exceeded", "content_policy_violation", "billing_error")
_BY_STATUS = {"conflict": "server", "too_large": "too_long", "redirect": "not_found"}
"""What kinds of ``activities.http.faults`` mean here. A redirect would take the key to another address."""

_TOO_LONG = re.compile(
    r"prompt is too long|context.?length|context.?(window|limit)|maximum context|input is too long"
    r"|reduce the length of|too many (input|total|prompt) tokens",
    re.IGNORECASE,
)
_TOO_LARGE_FOR_LIMIT = re.compile(r"request too large for", re.IGNORECASE)
_NO_CREDIT = re.compile(
    r"credit balance|insufficient (credits|balance|funds|quota)|usage limits|spend(ing)? limit", re.IGNORECASE
)
_FLAGGED = re.compile(r"flagged|moderation|content.(policy|filter)", re.IGNORECASE)
_KEY_LIKE = re.compile(r"[^\s\"'<>(),;]*(?:sk-|\*\*\*)[^\s\"'<>(),;]*|bearer\s+\S+", re.IGNORECASE)
_SHARED = 6
"""So many characters in common with a secret make a word look like a part of it."""


@dataclass(frozen=True)
class Caller:
    """Whose failures are sorted, and what must not be repeated."""

    provider: str
    model: str = ""
    secrets: tuple[str, ...] = ()


def unavailable(kind: str, caller: Caller, retry_after: timedelta | None = None) -> Unavailable:
    """``kind`` is one of rate_limit, overloaded, server, connection, timeout, truncated, empty, garbled."""
    return Unavailable(PASSING[kind].format(who=_who(caller)), kind, retry_after)


def whole(completion: Completion, caller: Caller) -> Completion:
    """An answer that was cut; a fault where nothing of use came before."""
    if not completion.parts:
        raise unavailable("garbled", caller)
    log.warning("the answer of %s (%s) was too long and was cut", caller.provider, caller.model)
    return completion


def refused(kind: str, caller: Caller) -> ModelRefused:
    """``kind`` is one of auth, billing, not_found, bad_request, declined, too_long."""
    prefix = KEY_VARIABLES.get(caller.provider, "").removesuffix("_API_KEY") or "the provider's"
    words = _FINAL[kind].format(who=_who(caller), prefix=prefix, model=caller.model)
    return ModelRefused(words, "bad_request" if kind == "declined" else kind)


def classify(error: BaseException, caller: Caller = Caller("unknown")) -> ClaraError:
    """What ``error`` of an SDK or of HTTP means, with the pause that the provider asked for."""
    if isinstance(error, ClaraError):
        return error
    kind = kind_of_error(error)
    if kind is not None:
        return unavailable("connection" if kind == "tls" else kind, caller)
    body = getattr(error, "body", None)
    return classify_body(
        body if isinstance(body, Mapping) else {},
        status=getattr(error, "status_code", None),
        words=f"{error} {body if isinstance(body, str) else ''}",
        headers=getattr(getattr(error, "response", None), "headers", None) or {},
        caller=caller,
    )


def classify_body(
    body: Mapping[str, Any], *, status: int | None, words: str, headers: Mapping[str, str], caller: Caller
) -> ClaraError:
    """What an error body means. Errors inside a stream come with the status 200 or with none."""
    kind = _kind(_labels(body), status, words)
    if kind in PASSING:
        return unavailable(kind, caller, retry_after(headers))
    return refused(kind, caller)


def _kind(labels: tuple[str, ...], status: int | None, words: str) -> str:
    for label in labels:
        if label in _SPECIFIC:
            return _CLASSES[label]
    if status in (None, 200):
        for label in labels:
            if label in _CLASSES:
                return _refined(_CLASSES[label], words)
        status = next((int(label) for label in labels if re.fullmatch(r"[45]\d\d", label)), 500)
    assert status is not None
    kind = kind_of_status(status)
    kind = _BY_STATUS.get(kind, kind)
    return kind if status >= 500 else _refined(kind, words)


def _refined(kind: str, words: str) -> str:
    """Looks into the words where the class alone misleads."""
    words = words[:4000]
    if kind == "bad_request" and _TOO_LONG.search(words):
        return "too_long"
    if kind == "rate_limit" and _TOO_LARGE_FOR_LIMIT.search(words):
        return "too_long"  # more tokens in one request than the account may send in a minute
    if kind in ("bad_request", "rate_limit") and _NO_CREDIT.search(words):
        return "billing"
    if kind in ("bad_request", "auth") and _FLAGGED.search(words):
        return "declined"
    return kind


def _labels(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The names an error body gives itself: its code and type, wherever the provider puts them."""
    inner = body.get("error")
    found = inner if isinstance(inner, Mapping) else body
    return tuple(str(found[key]) for key in ("code", "type") if found.get(key))


class Cuttable(Protocol):
    cut: bool


_BREAKS = {"APITimeoutError", "APIConnectionError", "TransportError"}
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What the SDKs and the collectors of answers fail with where an event is no JSON, no text, or of other types."""


@contextmanager
def reading(answer: Cuttable, caller: Caller) -> Iterator[None]:
    """Around the stream of an answer: more than an answer may have is cut, and what breaks it off costs money."""
    try:
        yield
    except (Full, Flooded):
        answer.cut = True
    except _UNREADABLE as error:
        raise explained(unavailable("garbled", caller), error, caller) from None
    except Exception as error:
        if not _BREAKS & {cls.__name__ for cls in type(error).__mro__}:
            raise
        raise explained(unavailable("truncated", caller), error, caller) from None


@contextmanager
def classified(caller: Caller, kinds: tuple[type[Exception], ...]) -> Iterator[None]:
    """What of ``kinds`` is raised within comes out as its meaning, with a note for the log."""
    try:
        yield
    except kinds as error:
        # From None, because Temporal would put the original's words into the history.
        raise explained(classify(error, caller), error, caller) from None
    except (Unavailable, ModelRefused) as error:
        if not hasattr(error, "__notes__"):
            explained(error, error, caller)
        raise


def explained(meaning: ClaraError, error: BaseException, caller: Caller) -> ClaraError:
    """``meaning`` with a note of what happened, which goes to the log and not to the person."""
    what = [caller.model or caller.provider]
    if error is not meaning:
        request = getattr(error, "request_id", None)
        status = getattr(error, "status_code", None)
        what.append(type(error).__name__)
        what += [f"status {status}"] if status else []
        what += [f"request {request}"] if request else []
        words = " ".join(redacted(_words(error), caller.secrets).split())
        what.append(words[:DETAIL_LIMIT])
    meaning.add_note(", ".join(what))
    return meaning


def _words(error: BaseException) -> str:
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(inner, Mapping) and inner.get("message"):
        return str(inner["message"])
    return json.dumps(inner, default=str) if inner else str(error)


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """``text`` without anything that is, or looks like a part of, one of ``secrets``."""
    text = _KEY_LIKE.sub("[redacted]", text[: DETAIL_LIMIT * 10])
    shared = {secret[i : i + _SHARED] for secret in secrets for i in range(len(secret) - _SHARED + 1)}
    return re.sub(r"\S+", lambda word: "[redacted]" if any(s in word[0] for s in shared) else word[0], text)


def _who(caller: Caller) -> str:
    return f"The model provider ({caller.provider})"
