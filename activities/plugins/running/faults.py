"""Faults of servers, in words of Clara's own."""

from collections.abc import Iterator
from datetime import timedelta

from activities.http.faults import fault, kind_of_error
from clara.errors import ClaraError, Unavailable


class ServerFault(Unavailable):
    """A server did not do its part. ``said`` is what it wrote last: for people who look after it, not for models."""

    def __init__(self, message: str, kind: str, retry_after: timedelta | None = None, said: str = "") -> None:
        super().__init__(message, kind, retry_after)
        self.said = said


class NotAsked(ServerFault):
    """The server never got the call: a write was not done."""


def leaves(error: BaseException) -> Iterator[BaseException]:
    """What tasks raised, out of the groups that task groups put it into."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from leaves(each)
    else:
        yield error


def meaning(error: BaseException, who: str) -> ClaraError | None:
    """What an exception of a connection means, in Clara's words; None for one that nobody expects."""
    for each in leaves(error):
        if isinstance(each, ClaraError):
            return each
        if (kind := kind_of_error(each)) is not None:
            return fault(kind, who)
    return None
