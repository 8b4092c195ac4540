"""Running a tool call: checked arguments, a deadline, a bounded result, and no effect twice."""

import asyncio
import hashlib
import json
import logging
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.heartbeat import beating
from activities.tools.registry import Toolbox
from activities.tools.tool import Context, Tool
from activities.tools.writes import run_write
from clara.errors import ClaraError, ToolFailed, Unavailable, UserError
from clara.messages import ToolCallPart
from clara.text import storable
from clara.tools import OUTPUT_LIMIT, PREVIEW_LIMIT, Effect, preview
from clara.turn import ToolOutcome, ToolRequest
from store import blobs, steps, turns
from store.database import Pool
from store.steps import ToolResult
from temporal import policies
from temporal.contracts import Tools
from temporal.failures import to_application_error

log = logging.getLogger(__name__)


class ToolActivities(Tools):
    """Serves ``tools.run`` with the tools of this installation."""

    def __init__(self, pool: Pool, toolbox: Toolbox, timezone: str) -> None:
        self._pool = pool
        self._toolbox = toolbox
        self._timezone = timezone

    @activity.defn(name="tools.run")
    async def run(self, request: ToolRequest) -> ToolOutcome:
        """Run one call and store its result; a result that is stored already is not made again."""
        async with beating():
            try:
                return await self._run(request)
            except ClaraError as error:
                raise to_application_error(error) from error

    async def _run(self, request: ToolRequest) -> ToolOutcome:
        stored = await steps.result(self._pool, request.turn_id, request.step, request.call.id)
        if stored is None:
            stored = await self._make(request)
        return ToolOutcome(
            call_id=stored.call_id, is_error=stored.is_error, ambiguous=stored.ambiguous, size=stored.size
        )

    async def _make(self, request: ToolRequest) -> ToolResult:
        turn = await turns.get(self._pool, request.turn_id)
        call = await self._call(request)
        if turn is None or call is None:
            raise ToolFailed(f"step {request.step} of {request.turn_id} holds no call {request.call.id}")
        message = turn.message
        zone = ZoneInfo(message.timezone or self._timezone)
        key = f"{request.turn_id}/{request.step}/{request.call.id}"
        context = Context(message, self._pool, key, datetime.now(UTC).astimezone(zone))
        tool = self._toolbox.find(call.name, message.admin)
        if tool is None:
            return await self._keep(request, message.user.id, f"There is no tool called {call.name!r}.", is_error=True)
        try:
            arguments = _parse(tool, call)
        except ValueError as error:
            return await self._keep(request, message.user.id, str(error), is_error=True)
        if tool.effect is Effect.WRITE:
            return await self._write(request, tool, arguments, context)
        text, is_error = await self._read(tool, arguments, context)
        return await self._keep(request, message.user.id, text, is_error)

    async def _call(self, request: ToolRequest) -> ToolCallPart | None:
        step = await steps.get(self._pool, request.turn_id, request.step)
        parts = step.parts if step else ()
        return next((p for p in parts if isinstance(p, ToolCallPart) and p.id == request.call.id), None)

    async def _read(self, tool: Tool[Any], arguments: Any, context: Context) -> tuple[str, bool]:
        """Run something that may be repeated: the text for the model, and whether it is an error."""
        try:
            async with asyncio.timeout(tool.timeout.total_seconds()):
                return await tool.run(arguments, context), False
        except (ToolFailed, UserError) as error:
            return str(error), True
        except TimeoutError:
            return f"{tool.name} took longer than {tool.timeout.total_seconds():g} s and was ended.", True
        except Unavailable as error:
            if activity.info().attempt < policies.TOOL_ATTEMPTS:
                raise
            return f"{tool.name} cannot be reached: {error}", True
        except Exception as error:
            log.exception("turn %s: the tool %s broke", context.message.turn_id, tool.name)
            return f"{tool.name} broke ({type(error).__name__}). Do without it.", True

    async def _write(self, request: ToolRequest, tool: Tool[Any], arguments: Any, context: Context) -> ToolResult:
        fingerprint = hashlib.sha256(json.dumps(arguments.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
        outcome = await run_write(self._pool, tool, arguments, context, fingerprint)
        return await self._keep(request, context.user_id, outcome.text, outcome.is_error, outcome.ambiguous)

    async def _keep(
        self, request: ToolRequest, owner: str, text: str, is_error: bool, ambiguous: bool = False
    ) -> ToolResult:
        text = storable(text)
        size = len(text)
        if size > OUTPUT_LIMIT:
            text = preview(text, OUTPUT_LIMIT)
        async with self._pool.connection() as connection, connection.transaction():
            blob_id = None
            if size > PREVIEW_LIMIT:
                data = text.encode("utf-8", "replace")
                blob_id = await blobs.put(connection, owner, f"{request.call.name}.txt", "text/plain", data)
            result = ToolResult(
                turn_id=request.turn_id,
                step=request.step,
                call_id=request.call.id,
                tool=request.call.name,
                preview=preview(text),
                is_error=is_error,
                ambiguous=ambiguous,
                size=size,
                blob_id=blob_id,
            )
            await steps.save_result(connection, result)
        return result


def _parse(tool: Tool[Any], call: ToolCallPart) -> Any:
    if call.malformed is not None:
        raise ValueError(
            f"The arguments of {tool.name} were no JSON object, or were cut off at the longest that an answer may be."
            " Send one whole object and call again."
        )
    return tool.parse(call.arguments)
