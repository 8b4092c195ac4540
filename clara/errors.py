"""Errors, by who must hear them.

ClaraError
├── UserError       the person reads it in the chat: a plain sentence with what to do next
│   └── InboxFull   the conversation takes no more for now; an adapter with a cursor tries again later
├── ToolFailed      the model reads it as a tool's result and adapts
├── Unavailable     a fault of the world: Temporal tries again
├── StackFault      Clara's own Temporal or database refused; adapters say so and log it
│   └── Unreachable they do not answer for now; the same may be asked of them again
├── Misconfigured   nobody's retry helps: the operator changes a setting
└── ModelRefused    the model's provider refused for good; the turn tells the person why

``temporal.failures`` alone translates them for Temporal.
"""

from datetime import timedelta


class ClaraError(Exception):
    """The root. Its message is always fit to be shown to whoever must hear it."""


class UserError(ClaraError):
    """The person asked for something that cannot be done as asked."""


class InboxFull(UserError):
    """So much waits in a conversation that no more is accepted; the same message may be said again later."""


class ToolFailed(ClaraError):
    """A tool could not do what the model asked; trying the same again will not help."""


class Unavailable(ClaraError):
    """An outside service failed in a way that passes by itself.

    ``kind`` is a short class such as ``rate_limit`` or ``timeout``;
    ``retry_after`` is the pause the service asked for, if it named one.
    """

    def __init__(self, message: str, kind: str = "unavailable", retry_after: timedelta | None = None):
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after


class StackFault(ClaraError):
    """Clara's own Temporal or database did not do what an adapter asked of it.

    ``kind`` is one of temporal, database, disk_full, query (a conversation does not tell what it does) and
    invalid (what was asked is at fault, so that asking again is of no use).
    """

    def __init__(self, message: str, kind: str):
        super().__init__(message)
        self.kind = kind


class Unreachable(StackFault):
    """It does not answer, which passes. ``problem`` names it in a few words, without a full stop."""

    def __init__(self, problem: str, message: str, kind: str):
        super().__init__(message, kind)
        self.problem = problem


class Misconfigured(ClaraError):
    """A setting is missing or wrong; the message names it and what is expected."""


class ModelRefused(ClaraError):
    """The model's provider said no for good: bad key, no credit, unknown model, bad request.

    ``kind`` is one of auth, billing, not_found, bad_request, too_long.
    """

    def __init__(self, message: str, kind: str):
        super().__init__(message)
        self.kind = kind
