"""Writes, at most once: the effect ledger around a tool that changes the world.

The intention is committed before the tool is tried. An attempt that finds an intention without an
outcome asks the tool to look whether the thing was done; where it cannot tell, the effect is
ambiguous, is not repeated, and the person is told.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from activities.tools.tool import Context, Tool, Verdict
from clara.errors import ToolFailed, UserError
from store import effects
from store.database import Pool
from store.effects import Ledger

log = logging.getLogger(__name__)

VERIFY_TIMEOUT_S = 15.0
VERIFY_AFTER_STOP_S = 0.5
"""A person who said stop waits for it."""


@dataclass(frozen=True)
class WriteOutcome:
    text: str
    is_error: bool = False
    ambiguous: bool = False


async def run_write(pool: Pool, tool: Tool[Any], arguments: Any, context: Context, fingerprint: str) -> WriteOutcome:
    """Run a write unless it went through before; raises Unavailable while another attempt is at it."""
    async with effects.hold(pool, context.key, context.message.turn_id, tool.name) as ledger:
        earlier = await ledger.find()
        if earlier is not None:
            outcome = await _earlier(ledger, earlier, tool, arguments, context)
            if outcome is not None:
                return outcome
        await ledger.intend(fingerprint)
        return await _try(ledger, tool, arguments, context)


async def _earlier(
    ledger: Ledger, earlier: effects.Effect, tool: Tool[Any], arguments: Any, context: Context
) -> WriteOutcome | None:
    """What an earlier attempt brought; None if it certainly brought nothing, so that this one may try."""
    match earlier.state:
        case "committed":
            return WriteOutcome(earlier.result or "Done.")
        case "failed":
            return WriteOutcome(earlier.result or "It failed.", is_error=True)
        case "ambiguous":
            return _unknown(tool)
        case "intended":
            verdict = await _verify(tool, arguments, context, VERIFY_TIMEOUT_S)
            return None if verdict.state == "not_done" else await _settle(ledger, tool, verdict)


async def _try(ledger: Ledger, tool: Tool[Any], arguments: Any, context: Context) -> WriteOutcome:
    try:
        async with asyncio.timeout(tool.timeout.total_seconds()):
            text = await tool.run(arguments, context)
    except (ToolFailed, UserError) as error:
        await ledger.settle("failed", str(error))
        return WriteOutcome(str(error), is_error=True)
    except asyncio.CancelledError:
        # The turn was stopped, or the worker is shutting down: either way the outcome must be known.
        verdict = await asyncio.shield(_verify(tool, arguments, context, VERIFY_AFTER_STOP_S))
        await asyncio.shield(ledger.forget() if verdict.state == "not_done" else _settle(ledger, tool, verdict))
        raise
    except Exception as error:
        # A fault of the world, a deadline or a bug: the request may have gone out before it.
        log.warning("turn %s: %s ended in %s", context.message.turn_id, tool.name, type(error).__name__)
        verdict = await _verify(tool, arguments, context, VERIFY_TIMEOUT_S)
        if verdict.state == "not_done":
            sentence = f"{tool.name} failed ({type(error).__name__}) and had no effect."
            await ledger.settle("failed", sentence)
            return WriteOutcome(sentence, is_error=True)
        return await _settle(ledger, tool, verdict)
    await ledger.settle("committed", text)
    return WriteOutcome(text)


async def _verify(tool: Tool[Any], arguments: Any, context: Context, timeout: float) -> Verdict:
    if tool.verify is None:
        return Verdict("unknown")
    try:
        async with asyncio.timeout(timeout):
            return await tool.verify(arguments, context)
    except Exception as error:
        log.warning("turn %s: %s could not be verified: %s", context.message.turn_id, tool.name, type(error).__name__)
        return Verdict("unknown")


async def _settle(ledger: Ledger, tool: Tool[Any], verdict: Verdict) -> WriteOutcome:
    if verdict.state == "done":
        text = verdict.result or "It had been done already by an earlier attempt."
        await ledger.settle("committed", text)
        return WriteOutcome(text)
    await ledger.settle("ambiguous", "")
    return _unknown(tool)


def _unknown(tool: Tool[Any]) -> WriteOutcome:
    return WriteOutcome(
        f"The outcome of {tool.name} is unknown: it may or may not have taken effect. "
        "Do not call it again for this. Tell the person to check.",
        is_error=True,
        ambiguous=True,
    )
