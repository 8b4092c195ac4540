"""Running a tool call: checked arguments, a deadline, a bounded result, and no effect twice."""

import asyncio
import logging
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.tools import files_made
from activities.tools.asking import Asks, Gate
from activities.tools.offers import Offers, TurnTools
from activities.tools.tool import Context, Tool, ToolOutput
from activities.tools.waiting import Waits, lapsed
from activities.tools.writes import Write, Writes, outcome_of
from clara.errors import ToolFailed, Unavailable, UserError
from clara.messages import ToolCallPart
from clara.text import storable
from clara.tools.effects import correction
from clara.tools.provenance import Provenance
from clara.tools.tool import OUTPUT_LIMIT, PREVIEW_LIMIT, RESULT_LABEL_LIMIT, Effect, Risk, preview
from clara.turn import CallPlace, ToolCallRef, ToolOutcome, ToolRequest, ToolWait
from store import approvals, stream
from store.database import Pool
from store.files import blobs
from store.turns import calls, effects, steps, turns, waits
from store.turns.steps import ToolResult
from store.turns.turns import Turn
from temporal import policies
from temporal.contracts.tools import Tools
from temporal.failures import BUSY

log = logging.getLogger(__name__)

SUBJECT_LIMIT = 60
"""Characters of what a write is used on, where its outcome is told."""


class ToolActivities(Tools):
    """Serves ``tools.run`` and ``tools.settle`` with the tools of this installation."""

    def __init__(self, pool: Pool, offers: Offers, gate: Gate, timezone: str) -> None:
        self._pool = pool
        self._offers = offers
        self._gate = gate
        self._timezone = timezone
        self._writes = Writes(pool)

    @activity.defn(name="tools.run")
    async def run(self, request: ToolRequest) -> ToolOutcome:
        """Run one call and store its result; a result that is stored already is not made again."""
        call = await calls.get(self._pool, request.turn_id, request.step, request.call.id)
        if call is None:
            raise ToolFailed(f"step {request.step} of {request.turn_id} holds no call {request.call.id}")
        stored = call.result
        if stored is None:
            try:
                stored = await self._make(request, call.turn, call.part)
            except Waits as wait:
                return await self._wait(request, wait)
        return ToolOutcome(
            call_id=stored.call_id, is_error=stored.is_error, ambiguous=stored.ambiguous, size=stored.size
        )

    @activity.defn(name="tools.settle")
    async def settle(self, turn_id: str) -> str:
        """Settle what the reply of an ended turn left open, then say all of it at once."""
        turn = await turns.get(self._pool, turn_id)
        told = await turns.correction(self._pool, turn_id)
        if turn is None or told:
            return told
        may_wait = _may_wait(policies.SETTLE.attempts)
        settled, pauses = [], []
        for effect in await effects.doubted(self._pool, turn_id):
            try:
                settled.append(await self._writes.settle(effect, await self._begun(turn, effect), may_wait))
            except Unavailable as error:
                pauses.append(error.retry_after or timedelta(seconds=1))
        if pauses:
            raise Unavailable("a write of this turn may still take effect", kind=BUSY, retry_after=min(pauses))
        if settled:
            sentences = (correction(each.name, each.state, each.result or "") for each in settled)
            await turns.amend(self._pool, turn_id, "\n\n".join(sentences))
        return await turns.correction(self._pool, turn_id)

    async def _wait(self, request: ToolRequest, wait: Waits) -> ToolOutcome:
        turn = await turns.get(self._pool, request.turn_id)
        assert turn is not None
        conversation, call = turn.message.conversation.id, request.call
        about = storable(wait.about)[:RESULT_LABEL_LIMIT]
        await waits.begin(self._pool, conversation, turn.id, request.step, call.id, call.name, about, wait.limit)
        return ToolOutcome(call_id=call.id, waits=wait.limit, asks=isinstance(wait, Asks))

    @activity.defn(name="tools.lapse")
    async def lapse(self, wait: ToolWait) -> None:
        found = await waits.of_turns(self._pool, [wait.turn_id])
        for each in found.get(wait.turn_id, []):
            if CallPlace(step=each.step, call_id=each.call_id) == wait.place:
                await approvals.lapse(self._pool, each.turn_id, each.step, each.call_id)
                await waits.end(
                    self._pool, each.turn_id, each.step, each.call_id, lapsed(each.until - each.begun_at), is_error=True
                )

    async def _make(self, request: ToolRequest, turn: Turn, call: ToolCallPart) -> ToolResult:
        context = self._context(turn, request.step, request.call.id)
        offered = await self._offers.of(turn)
        tool = offered.find(call.name)
        if tool is None:
            return await self._refuse(request, turn, offered, context)
        try:
            arguments = _parse(tool, call)
        except ValueError as error:
            return await self._keep(request, context, ToolOutput(str(error)), is_error=True)
        refused = await self._gate.check(turn, request.step, call, tool, arguments, offered, context)
        if refused is not None:
            return await self._keep(
                request, context, ToolOutput(refused), is_error=True, refused=True, risk=_risk(tool, arguments)
            )
        if tool.effect is Effect.WRITE:
            return await self._write(request, tool, arguments, context)
        output, is_error = await self._read(tool, arguments, context)
        return await self._keep(request, context, output, is_error, risk=_risk(tool, arguments))

    async def _refuse(self, request: ToolRequest, turn: Turn, offered: TurnTools, context: Context) -> ToolResult:
        """Answer a call of what was not offered, or is no longer what was offered."""
        name = request.call.name
        begun = await effects.get(self._pool, context.key)
        if begun is not None:
            # An earlier attempt ran it, before it changed: what became of that is what the model has to know.
            write = await self._begun(turn, begun)
            outcome = outcome_of(await self._writes.settle(begun, write, _may_wait(policies.WRITE_ATTEMPTS)))
            return await self._keep(request, context, outcome.output, outcome.is_error, outcome.ambiguous)
        if name in offered.offered and name in offered.available.tools:
            await self._offers.renew(turn, offered.available.tools[name])
        return await self._keep(request, context, ToolOutput(offered.refusal(name)), is_error=True, refused=True)

    def _context(self, turn: Turn, step: int, call_id: str) -> Context:
        async def show(line: str) -> None:
            await stream.tell_waiting(self._pool, turn.message.conversation.id, turn.id, step, line)

        zone = ZoneInfo(turn.message.timezone or self._timezone)
        return Context(turn.message, f"{turn.id}/{step}/{call_id}", datetime.now(UTC).astimezone(zone), show)

    async def _call(self, turn_id: str, number: int, call_id: str) -> ToolCallPart | None:
        step = await steps.get(self._pool, turn_id, number)
        parts = step.parts if step else ()
        return next((p for p in parts if isinstance(p, ToolCallPart) and p.id == call_id), None)

    async def _read(self, tool: Tool[Any], arguments: Any, context: Context) -> tuple[ToolOutput, bool]:
        """Run something that may be repeated: what it brings, and whether that is an error."""
        try:
            async with asyncio.timeout(tool.timeout.total_seconds()):
                return tool.output(await tool.run(arguments, context)), False
        except Waits:
            raise
        except (ToolFailed, UserError) as error:
            words = str(error)
        except TimeoutError:
            words = f"{tool.name} took longer than {tool.timeout.total_seconds():g} s and was ended."
        except Unavailable as error:
            if _may_wait(policies.TOOL_ATTEMPTS):
                raise
            words = f"{tool.name} cannot be reached: {error}"
        except Exception as error:
            log.exception("turn %s: the tool %s broke", context.message.turn_id, tool.name)
            words = f"{tool.name} broke ({type(error).__name__}). Do without it."
        return tool.output(words), True

    async def _write(self, request: ToolRequest, tool: Tool[Any], arguments: Any, context: Context) -> ToolResult:
        write = Write(tool, arguments, context, _subject(request.call))
        try:
            outcome = await self._writes.run(write, _may_wait(policies.WRITE_ATTEMPTS))
        except Unavailable:
            sentence = f"finding out whether {tool.name} took effect"
            conversation = context.message.conversation.id
            await stream.tell_waiting(self._pool, conversation, request.turn_id, request.step, sentence)
            raise
        risk = _risk(tool, arguments)
        return await self._keep(request, context, outcome.output, outcome.is_error, outcome.ambiguous, risk=risk)

    async def _begun(self, turn: Turn, effect: effects.LedgerEntry) -> Write | None:
        """The write behind an entry of the ledger; None if it cannot be looked up any more."""
        number, _, call_id = effect.key.removeprefix(f"{turn.id}/").partition("/")
        call = await self._call(turn.id, int(number), call_id)
        tool = (await self._offers.of(turn)).available.tools.get(effect.tool)
        if call is None or tool is None:
            return None
        try:
            return Write(tool, _parse(tool, call), self._context(turn, int(number), call_id))
        except ValueError:
            return None  # the tool was changed and takes other arguments now

    async def _keep(
        self,
        request: ToolRequest,
        context: Context,
        output: ToolOutput,
        is_error: bool,
        ambiguous: bool = False,
        refused: bool = False,
        risk: Risk | None = None,
    ) -> ToolResult:
        made, remark = files_made.fitting(output.files)
        text = storable(output.text) + remark
        size = len(text)
        if size > OUTPUT_LIMIT:
            text = preview(text, OUTPUT_LIMIT)
        owner, call = context.user_id, request.call
        has_blobs = size > PREVIEW_LIMIT or bool(made)
        async with self._pool.connection() as connection, connection.transaction() if has_blobs else nullcontext():
            blob_id = None
            if size > PREVIEW_LIMIT:
                data = text.encode("utf-8", "replace")
                blob_id = await blobs.put(connection, owner, f"{call.name}.txt", "text/plain", data)
            files = await files_made.keep(connection, owner, made)
            result = ToolResult(
                turn_id=request.turn_id,
                step=request.step,
                call_id=call.id,
                tool=call.name,
                preview=preview(text, call_id=call.id),
                is_error=is_error,
                ambiguous=ambiguous,
                size=size,
                blob_id=blob_id,
                provenance=output.provenance or Provenance.CLARA,
                files=files,
                source=storable(output.source),
                private=output.private,
                refused=refused,
                risk=risk,
            )
            await steps.save_result(connection, result)
        return result


def _may_wait(attempts: int) -> bool:
    """Whether Temporal will try again."""
    return activity.info().attempt < attempts


def _parse(tool: Tool[Any], call: ToolCallPart) -> Any:
    if call.malformed is not None:
        raise ValueError(
            f"The arguments of {tool.name} were no JSON object, or were cut off at the longest that an answer may be."
            " Send one whole object and call again."
        )
    return tool.parse(call.arguments)


def _risk(tool: Tool[Any], arguments: Any) -> Risk:
    """How far this very call reaches, for the audit."""
    return tool.reaches(arguments) if tool.reaches else tool.offered.risk


def _subject(call: ToolCallRef) -> str:
    """What a call is used on, short enough to stand within a sentence; empty if its label names nothing."""
    _, _, subject = call.label.partition(": ")
    return subject if len(subject) <= SUBJECT_LIMIT else f"{subject[:SUBJECT_LIMIT]}…"
