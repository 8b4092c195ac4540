"""Clara's errors as Temporal's, and back into words."""

from datetime import timedelta

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ApplicationErrorCategory,
    ChildWorkflowError,
    FailureError,
    TimeoutError,
)

from clara.errors import ClaraError, Misconfigured, ModelRefused, ToolFailed, Unavailable, UserError
from temporal.policies import back_off

ROUTE_DOWN = "route_down"
"""Type of the failure after which the next route to a model is tried."""

STORE_DOWN = "store_down"
"""Type of the failure of an activity whose database did not answer."""

BUSY = "busy"
"""Kind of the Unavailable with which an activity waits for what is under way elsewhere."""


def to_application_error(error: ClaraError, attempt: int = 1) -> ApplicationError:
    """Retryable or not. The message must hold no secrets.

    The pause is what the service asked for, and at least the back-off that follows an ``attempt``: a
    service that asks for a second each time would otherwise have used up all tries in a few.
    """
    match error:
        case Unavailable(kind=kind, retry_after=timedelta() as asked) if kind != BUSY:
            return ApplicationError(str(error), type=kind, next_retry_delay=max(asked, back_off(attempt)))
        case Unavailable():
            # Waiting for one's turn is no fault, so the SDK need not log it as one.
            category = ApplicationErrorCategory.BENIGN if error.kind == BUSY else ApplicationErrorCategory.UNSPECIFIED
            return ApplicationError(str(error), type=error.kind, next_retry_delay=error.retry_after, category=category)
        case ModelRefused():
            return ApplicationError(str(error), type=error.kind, non_retryable=True)
        case Misconfigured() | ToolFailed() | UserError():
            return ApplicationError(str(error), type=type(error).__name__, non_retryable=True)
        case _:
            return ApplicationError(str(error), type=type(error).__name__)


def is_route_down(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == ROUTE_DOWN


def is_store_down(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == STORE_DOWN


def apology(error: BaseException) -> str:
    """Why a turn failed, for the person who waits for it."""
    cause: BaseException | None = error
    while isinstance(cause, ActivityError | ChildWorkflowError) and cause.cause is not None:
        cause = cause.cause
    if isinstance(cause, ApplicationError) and (said := spoken(cause)):
        return said
    if isinstance(cause, TimeoutError):
        return "it took too long. Please try again."
    if isinstance(cause, FailureError):
        return "something on my side broke. Please try again; the logs have the details under this turn's id."
    return "something on my side broke. Please try again."


def spoken(error: ApplicationError) -> str:
    """The message of a failure, if it was written for people; empty otherwise."""
    return error.message if error.type in _SPOKEN else ""


_SPOKEN = {
    *("auth", "billing", "not_found", "bad_request", "too_long"),
    *("rate_limit", "overloaded", "server", "connection", "timeout", "truncated", "empty", "garbled"),
    *("Misconfigured", "UserError", "ToolFailed", "ModelRefused", ROUTE_DOWN),
}
"""Types of failures whose message was written for people."""
