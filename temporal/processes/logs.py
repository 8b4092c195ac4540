"""A process's log: a line for each handled fault, naming its turn; a traceback for what nobody expected.

The SDK logs every failed attempt with two tracebacks, Temporal tries again, and so one outage filled
the log with thousands of lines that said where and never what.
"""

import asyncio
import logging
import re
import sys
import time
from typing import TextIO

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError

from clara.errors import ClaraError

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

TOO_TALKATIVE = ("httpx", "httpx2")
"""They log a line for every request, which names neither a turn nor a reason."""

REPEATING = ("psycopg.pool", "temporalio.core")
"""They say the same again and again for as long as an outage lasts; the second is the SDK's own core."""

REPEAT_PAUSE_S = 30.0
_NUMBER = re.compile(r"\d+")
TRACEBACKS_KEPT = 500

_WORLD = (FailureError, ClaraError, RPCError, OSError, TimeoutError, asyncio.CancelledError)
"""Faults that are dealt with: Temporal tries again. Cancelled is what ran out of the time of an attempt."""
_DATABASE = ("OperationalError", "InterfaceError", "PoolTimeout")


def set_up(level: str) -> None:
    """Log to stderr from ``level`` on. For processes that serve task queues, before they connect to Temporal."""
    logging.basicConfig(level=level, handlers=[handler(sys.stderr)])
    core = LogForwardingConfig(
        logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    # Without this the core writes lines of its own to stderr, in colours and without end.
    Runtime.set_default(
        Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(LoggingConfig.default.filter, forwarding=core))),
        error_if_already_set=False,
    )


def handler(stream: TextIO) -> logging.Handler:
    """Writes records to ``stream`` in Clara's way, and keeps the libraries from their own."""
    made = logging.StreamHandler(stream)
    made.setFormatter(logging.Formatter(FORMAT))
    for each in (_Failures(), _Repeats(), _Named()):
        made.addFilter(each)
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    return made


def told(error: BaseException) -> str:
    """``error`` in one line for the log: its words, and the notes that it carries for the operator."""
    notes = "; ".join(getattr(error, "__notes__", ()))
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words} [{notes}]" if notes else words


class _Failures(logging.Filter):
    """A failed attempt at an activity in one line, if it failed of something that is handled."""

    def __init__(self) -> None:
        super().__init__()
        self._traced: set[tuple[str, int]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or getattr(record, "__temporal_error_identifier", "") != "ActivityFailure":
            return True
        if activity.in_activity():
            info = activity.info()
            record.name = info.activity_type
            record.msg, record.args = f"attempt {info.attempt} failed: {_what(error)}", ()
        else:  # it did not begin, because this worker does not serve it
            record.msg, record.args = _what(error), ()
        if _is_expected(error) or not self._is_new(error):
            record.exc_info = record.exc_text = None
        return True

    def _is_new(self, error: BaseException) -> bool:
        """Whether an error was not raised at the same place before."""
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        key = (type(error).__name__, hash((place.tb_frame.f_code.co_filename, place.tb_lineno)) if place else 0)
        if key in self._traced or len(self._traced) >= TRACEBACKS_KEPT:
            return False
        self._traced.add(key)
        return True


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, _WORLD) or (
        type(error).__module__.startswith("psycopg") and any(cls.__name__ in _DATABASE for cls in type(error).__mro__)
    )


def _what(error: BaseException) -> str:
    if not isinstance(error, ApplicationError):
        return told(error) if isinstance(error, ClaraError) else f"{type(error).__name__}: {told(error)}"
    # Its own words are for the person, and those of its cause for the operator.
    cause = error.__cause__
    words = told(cause) if cause is not None and str(cause) == error.message else error.message
    if cause is not None and str(cause) != error.message:
        words += f" [{type(cause).__name__}: {told(cause)}]"
    if error.non_retryable:
        return f"{words}; not tried again"
    pause = error.next_retry_delay
    return f"{words}; again in {pause.total_seconds():g} s" if pause else words


class _Repeats(logging.Filter):
    """The same complaint of the same library once in half a minute, with the number of those left out."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name not in REPEATING:
            return True
        if record.levelno < logging.WARNING:
            return logging.getLogger().isEnabledFor(logging.DEBUG)  # each connection that is lent and given back
        key, now = (record.name, _NUMBER.sub("#", str(record.msg))), time.monotonic()
        at, left_out = self._said.get(key, (now - REPEAT_PAUSE_S, 0))
        if now - at < REPEAT_PAUSE_S:
            self._said[key] = (at, left_out + 1)
            return False
        self._said[key] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} (and {left_out} times before)"
        return True


class _Named(logging.Filter):
    """Every line that is written within an activity or a workflow names it, in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = " ".join(line.strip() for line in record.getMessage().splitlines())
        name = _workflow_id()
        if name and name not in message:
            message = f"{name}: {message}"
        record.msg, record.args = message, ()
        return True


def _workflow_id() -> str | None:
    if activity.in_activity():
        return activity.info().workflow_id
    return workflow.info().workflow_id if workflow.in_workflow() else None
