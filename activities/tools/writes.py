"""Writes, at most once: the effect ledger around a tool that changes the world.

The intention is committed before the tool is tried. An attempt that finds an intention without an
outcome asks the tool to look whether the thing was done. What it may conclude from that, and when,
is decided by ``clara.tools.effects.conclude``; to wait is to fail as Unavailable, so that Temporal tries
again later and nothing is held meanwhile.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
from temporalio import activity

from activities.tools.tool import Context, File, Tool, ToolOutput
from activities.tools.waiting import Waits
from clara.errors import ToolFailed, Unavailable, UserError
from clara.tools.effects import LOOKS, Seen, conclude, pause
from clara.tools.provenance import Provenance
from store.database import Pool
from store.turns.effects import Ledger, LedgerEntry
from temporal import policies
from temporal.failures import BUSY

log = logging.getLogger(__name__)

T = TypeVar("T")

VERIFY_TIMEOUT_S = 15.0
VERIFY_AFTER_STOP_S = 0.5
"""A person who said stop waits for it."""

RECORD_S = 60.0
"""An outcome that cannot be recorded, because the database is away, is kept in memory for so long."""

RECORD_AFTER_STOP_S = 5.0

MAX_RUNS = 6
"""A write whose attempts never live to end, and that is proven to have had no effect, is begun so often."""


@dataclass(frozen=True)
class WriteOutcome:
    output: ToolOutput
    is_error: bool = False
    ambiguous: bool = False


@dataclass(frozen=True)
class Write:
    """One call of a write: the tool, its checked arguments and for whom."""

    tool: Tool[Any]
    arguments: Any
    context: Context
    label: str = ""
    """For people: what the tool is used on."""

    @property
    def turn_id(self) -> str:
        return self.context.message.turn_id

    @property
    def fingerprint(self) -> str:
        """A hash of the arguments, which are themselves kept with the step."""
        return hashlib.sha256(json.dumps(self.arguments.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


class Writes:
    """Runs writes, and finds out what became of those that were cut."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._running: set[str] = set()

    async def run(self, write: Write, may_wait: bool) -> WriteOutcome:
        """Run a write unless it went through before.

        Raises Unavailable while an earlier attempt may still take effect; where ``may_wait`` is False,
        as at the last attempt, its outcome is then unknown for good.
        """
        key = write.context.key
        if key in self._running:
            # Temporal has given up an attempt that is alive, as after a machine's sleep.
            raise Unavailable(f"an earlier attempt at {write.tool.name} is still running", kind=BUSY)
        self._running.add(key)
        try:
            ledger = Ledger(self._pool, key, write.turn_id, write.tool.name, write.label)
            made: list[File] = []
            entry = await self._run(ledger, write, may_wait, made)
            return outcome_of(entry, write.tool, made)
        finally:
            self._running.discard(key)

    async def settle(self, effect: LedgerEntry, write: Write | None, may_wait: bool) -> LedgerEntry:
        """Look what became of a write that will not be tried again; ``write`` is None if it can't be looked up.

        Raises Unavailable while it may still take effect and ``may_wait``.
        """
        if effect.state != "intended":
            return effect
        ledger = Ledger(self._pool, effect.key, effect.turn_id, effect.tool)
        settled = await _look(ledger, effect, write, may_wait, looks=policies.SETTLE.attempts)
        return settled or await ledger.settle("failed", "It was ended before it took effect.", effect.attempt)

    async def _run(self, ledger: Ledger, write: Write, may_wait: bool, made: list[File]) -> LedgerEntry:
        entry = await ledger.find()
        if entry is not None:
            if entry.state != "intended":
                return entry
            settled = await _look(ledger, entry, write, may_wait, LOOKS) or await _give_up(ledger, entry)
            if settled is not None:
                return settled
        began = await ledger.begin(write.fingerprint, write.tool.lasts, entry.attempt if entry else None)
        if began is None:
            raise Unavailable(f"another attempt at {write.tool.name} has begun", kind=BUSY)
        return await _try(ledger, write, began, may_wait, made)


async def _try(ledger: Ledger, write: Write, began: float, may_wait: bool, made: list[File]) -> LedgerEntry:
    """Run the tool and record how that ended; its files, which no ledger keeps, go to ``made``."""
    tool = write.tool
    try:
        async with asyncio.timeout_at(began + tool.timeout.total_seconds()):
            await asyncio.sleep(0)  # an attempt that was frozen until its time was over ends here
            if activity.is_cancelled():
                raise asyncio.CancelledError  # the database's pool can swallow a cancellation
            output = tool.output(await tool.run(write.arguments, write.context))
            made += output.files
    except Waits:
        # It asked for something before it did anything, and gave up.
        await _insist(ledger.withdraw, RECORD_S)
        raise
    except (ToolFailed, UserError) as error:
        refusal = str(error)
        return await _insist(lambda: ledger.settle("failed", refusal), RECORD_S)
    except asyncio.CancelledError:
        # The turn was stopped, or the worker is shutting down.
        await asyncio.shield(_leave(ledger, write))
        raise
    except Exception as error:
        # A fault of the world, a deadline or a bug: the request may have gone out before it.
        log.warning("turn %s: %s ended in %s", write.turn_id, tool.name, type(error).__name__)
        fault = _fault(error, tool)
        if tool.verify is None:
            return await _insist(lambda: ledger.settle("ambiguous", ""), RECORD_S)
        entry = await _insist(lambda: ledger.ended(fault, tool.settles_within), RECORD_S)
        if entry.state != "intended" or entry.attempt != ledger.attempt:
            return entry
        return await _look(ledger, entry, write, may_wait, LOOKS) or await _failed(ledger, entry)
    return await _insist(lambda: ledger.settle("committed", output.text), RECORD_S)


async def _leave(ledger: Ledger, write: Write) -> None:
    """Record what can be known within a moment of a write that is cancelled; the rest stays open."""
    seen, result = await _verify(write, VERIFY_AFTER_STOP_S)
    try:
        if seen == "done":
            await _insist(lambda: ledger.settle("committed", result), RECORD_AFTER_STOP_S)
        elif write.tool.verify is None:
            await _insist(lambda: ledger.settle("ambiguous", ""), RECORD_AFTER_STOP_S)
        else:
            await _insist(lambda: ledger.ended(None, write.tool.settles_within), RECORD_AFTER_STOP_S)
    except (psycopg.Error, Unavailable) as error:
        log.warning("turn %s: the end of %s was not recorded: %s", write.turn_id, write.tool.name, type(error).__name__)


async def _look(
    ledger: Ledger, entry: LedgerEntry, write: Write | None, may_wait: bool, looks: int
) -> LedgerEntry | None:
    """Settle an open entry by a look at the world; None if it had no effect and can have none any more.

    ``looks`` bounds those that a service leaves unanswered.
    """
    if write is not None and entry.attempt != ledger.attempt:
        # What it looks for was made since an earlier attempt began.
        write = replace(write, context=replace(write.context, now=write.context.now - entry.elapsed))
    seen, result = await _verify(write, VERIFY_TIMEOUT_S)
    match conclude(seen, entry.remaining, may_wait, may_ask_again=entry.unanswered < looks):
        case "done":
            return await ledger.settle("committed", result, entry.attempt)
        case "unknown":
            return await ledger.settle("ambiguous", "", entry.attempt)
        case "wait":
            if seen == "unreachable" and entry.remaining <= timedelta():
                await ledger.unanswered()
            raise _open(entry)
        case "not_done":
            return None


async def _verify(write: Write | None, timeout: float) -> tuple[Seen, str]:
    if write is None or write.tool.verify is None:
        return "unknown", ""
    try:
        async with asyncio.timeout(timeout):
            verdict = await write.tool.verify(write.arguments, write.context)
    except Exception as error:
        log.warning("turn %s: %s could not be verified: %s", write.turn_id, write.tool.name, type(error).__name__)
        return "unreachable", ""
    return verdict.state, verdict.result or "It had been done already by an earlier attempt."


async def _give_up(ledger: Ledger, entry: LedgerEntry) -> LedgerEntry | None:
    """Settle a write without effect as failed; None if it is to be tried again, because its worker died."""
    if entry.fault is None and entry.runs < MAX_RUNS:
        return None
    return await _failed(ledger, entry)


async def _failed(ledger: Ledger, entry: LedgerEntry) -> LedgerEntry:
    fault = entry.fault or f"was begun {entry.runs} times, never came to its end"
    return await ledger.settle("failed", f"{entry.tool} {fault} and had no effect.", entry.attempt)


def _fault(error: Exception, tool: Tool[Any]) -> str:
    if isinstance(error, TimeoutError):
        return f"took longer than {tool.timeout.total_seconds():g} s, was ended"
    return f"failed ({type(error).__name__})"


async def _insist(record: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Write to the ledger what must not be lost: while the database is away for a while, and when cancelled."""
    task = asyncio.ensure_future(_retried(record, seconds))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if error := task.exception():
            log.warning("an outcome was not recorded: %s", type(error).__name__)
        raise


async def _retried(record: Callable[[], Awaitable[T]], seconds: float) -> T:
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await record()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise Unavailable("the database is unreachable, so an outcome could not be recorded") from error
            await asyncio.sleep(0.5)


def outcome_of(entry: LedgerEntry, tool: Tool[Any] | None = None, files: Sequence[File] = ()) -> WriteOutcome:
    """What the model reads of an entry. Raises Unavailable while its write may still take effect."""
    provenance = tool.provenance if tool else Provenance.OTHERS
    match entry.state:
        case "committed":
            made = ToolOutput(entry.result or "Done.", tuple(files), provenance)
            return WriteOutcome(tool.output(made) if tool else made)
        case "failed":
            return WriteOutcome(ToolOutput(entry.result or "It failed.", (), provenance), is_error=True)
        case "ambiguous":
            words = (
                f"The outcome of {entry.tool} is unknown: it may or may not have taken effect. "
                "Do not call it again for this. Tell the person to check."
            )
            return WriteOutcome(ToolOutput(words), is_error=True, ambiguous=True)
        case "intended":
            raise _open(entry)


def _open(entry: LedgerEntry) -> Unavailable:
    """For Temporal: what became of a write is not known yet, and when to look again."""
    after = pause(entry.elapsed, entry.remaining, entry.unanswered)
    return Unavailable(f"{entry.tool} may still take effect", kind=BUSY, retry_after=after)
