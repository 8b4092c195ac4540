"""Faults of HTTP services, sorted into what passes by itself and what does not.

A kind is a short class that logs and retries go by. The words name the service as the caller calls it and
hold nothing else: no URL, no header, no body.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from activities.http.retry_after import retry_after
from clara.errors import ClaraError, ToolFailed, Unavailable

PASSING = {
    "rate_limit": "{who} says that its rate limit is reached.",
    "overloaded": "{who} is overloaded.",
    "server": "{who} had an internal error.",
    "connection": "{who} could not be reached.",
    "timeout": "{who} did not answer in time.",
    "truncated": "{who} broke off in the middle of an answer.",
    "empty": "{who} sent an empty answer.",
    "garbled": "{who} sent something that cannot be read.",
}
"""What is worth another try."""

FINAL = {
    "auth": "{who} refused the access: the account or key lacks the permission, or is no longer valid.",
    "billing": "{who} says that there is no credit left.",
    "not_found": "{who} does not have what was asked for.",
    "conflict": "{who} refused the request, because it conflicts with what is there.",
    "too_large": "{who} refused the request as too large.",
    "redirect": "{who} sent the request elsewhere, where it was not followed.",
    "bad_request": "{who} refused the request as invalid.",
    "tls": "{who} could not prove that it is who it says: its certificate is not valid.",
}
"""What trying again will not help."""

_STATUSES = {
    401: "auth",
    402: "billing",
    403: "auth",
    404: "not_found",
    405: "not_found",
    408: "timeout",
    409: "conflict",
    410: "not_found",
    413: "too_large",
    425: "server",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}


class TooLarge(ToolFailed):
    """An answer that says yes, and was not read to its end. What was asked for may have been done."""


class Flooded(Exception):
    """More bytes came than any answer is made of."""


def kind_of_status(status: int) -> str:
    """The kind of an answer that is no success: a key of PASSING or FINAL."""
    if status < 400:
        return "redirect"
    return _STATUSES.get(status, "server" if status >= 500 else "bad_request")


def kind_of_error(error: BaseException) -> str | None:
    """``timeout``, ``tls``, ``garbled`` or ``connection`` for an exception of a client; None if it is none of these."""
    # By class name: SDKs have classes of their own, and importing them to compare would cost seconds.
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"APITimeoutError", "TimeoutException", "TimeoutError"}:
        return "timeout"
    if "DecodingError" in names:
        return "garbled"
    if names & {"APIConnectionError", "TransportError", "OSError"}:
        return "tls" if _is_about_certificates(error) else "connection"
    return None


def _is_about_certificates(error: BaseException) -> bool:
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return False
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def fault(kind: str, who: str, pause: timedelta | None = None) -> ClaraError:
    """Unavailable or ToolFailed, as ``kind`` demands; ``who`` begins a sentence: "GitHub"."""
    if kind in PASSING:
        return Unavailable(PASSING[kind].format(who=who), kind, pause)
    return ToolFailed(FINAL[kind].format(who=who))


def fault_of_status(status: int, headers: Mapping[str, str], who: str) -> ClaraError:
    """What an answer that is no success means, with the pause that the service asked for."""
    return fault(kind_of_status(status), who, retry_after(headers))


@contextmanager
def sorted_faults(who: str) -> Iterator[None]:
    """What a client raises within comes out as Unavailable or ToolFailed, with its class as a note for the log."""
    try:
        yield
    except ClaraError:
        raise
    except Exception as error:
        kind = kind_of_error(error)
        if kind is None:
            raise
        meaning = fault(kind, who)
        meaning.add_note(type(error).__name__)
        # From None, because Temporal would put the original's words, which may hold the URL, into the history.
        raise meaning from None
