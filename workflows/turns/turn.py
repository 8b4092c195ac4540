"""One turn: the model and its tools by turns, until there is an answer, and then its delivery."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from clara.memory.recall import RecallOutcome, RecallRequest
from clara.memory.requests import RememberRequest
from clara.messages import Incoming, TurnStatus
from clara.tools.tool import Effect
from clara.turn import (
    Answered,
    CallPlace,
    CloseRequest,
    LoopState,
    RunTools,
    StepOutcome,
    StepRequest,
    ToolCallRef,
    ToolOutcome,
    ToolRequest,
    TurnResult,
    advance,
)
from temporal import attributes, ids, policies
from temporal.contracts.memory import Memory
from temporal.contracts.tools import Tools
from temporal.contracts.turns import Steps
from temporal.failures import apology, is_route_down
from workflows.delivery import deliver
from workflows.patience import while_store_is_away
from workflows.remember import RememberWorkflow
from workflows.turns.budgets import BudgetWaits
from workflows.turns.closing import close_turn
from workflows.turns.reporting import report
from workflows.turns.settling import settle_writes
from workflows.turns.waiting import Wait, Waits

T = TypeVar("T")

HELD_UP = timedelta(minutes=1)
"""A reply that cannot be sent keeps the next message waiting no longer."""

NO_MEMORY = "My memory could not be read just now."

SPOKEN = "turn_failed"
"""Type of the failure of a turn that has told the person about it."""


@workflow.defn(name="Turn")
class TurnWorkflow:
    """Answers one message; its id is ``turn/<platform>/<channel>/<message id>``."""

    @workflow.init
    def __init__(self, message: Incoming) -> None:
        self._message = message
        self._state = LoopState()
        self._recalled = RecallOutcome(count=0, learn=False)
        self._waits = Waits(message)
        self._budget = BudgetWaits(message)
        self._wrote = False
        self._will_look = False
        self._told_end = False
        self._is_asked = False

    @workflow.run
    async def run(self, message: Incoming) -> TurnResult:
        try:
            await self._recall()
            await self._answer()
        except (asyncio.CancelledError, Exception) as error:
            # Never BaseException: eviction from the worker's cache arrives as GeneratorExit.
            stopped = is_cancelled_exception(error)
            self._will_look = self._wrote and workflow.patched("settle")
            status = await _uninterrupted(self._close("stopped" if stopped else "failed", error))
            await _uninterrupted(self._tell(status))
            if status != "completed":
                if self._will_look:
                    if self._is_watched:
                        await _uninterrupted(self._tell_end())
                    await _uninterrupted(settle_writes(message, status))
                await _uninterrupted(self._leave())
                if stopped:
                    raise
                raise ApplicationError(apology(error), type=SPOKEN, non_retryable=True) from error
        else:
            status = "completed"
            await _uninterrupted(self._tell(status))
            await _uninterrupted(self._remember())
        await _uninterrupted(self._leave())
        return TurnResult(
            turn_id=message.turn_id,
            status=status,
            steps=self._state.step,
            usage=self._state.usage,
            model=self._state.model,
            notice=self._recalled.notice,
        )

    async def _recall(self) -> None:
        """Find what the person told before; the turn goes on without it when that cannot be had."""
        if not self._message.memory:
            return
        workflow.set_current_details("recalling")
        try:
            self._recalled = await workflow.execute_activity_method(
                Memory.recall,
                RecallRequest.of(self._message),
                summary="recall memories",
                **policies.RECALL.options(),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("turn %s: nothing was recalled: %s", self._message.turn_id, error.cause)
            self._recalled = RecallOutcome(count=0, notice=NO_MEMORY)

    async def _remember(self) -> None:
        """Learn from the turn in a workflow of its own, which neither this turn nor the next one waits for."""
        if self._message.origin == "person" and self._message.memory and self._recalled.learn:
            await workflow.start_child_workflow(
                RememberWorkflow.run,
                RememberRequest(turn_id=self._message.turn_id),
                id=ids.remember_id(self._message.turn_id),
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary="learn from a turn",
            )

    async def _answer(self) -> None:
        while True:
            outcome = await self._think()
            self._state, following = advance(self._state, outcome)
            if isinstance(following, Answered):
                return
            if isinstance(following, RunTools):
                for batch in following.batches:
                    await self._use_all(batch, outcome.step)

    async def _think(self) -> StepOutcome:
        """The model's next answer, by the first route that is up."""
        route = self._state.route
        while True:
            workflow.set_current_details(f"step {self._state.step + 1}: asking the model")
            try:
                outcome = await while_store_is_away(partial(self._step, route))
            except ActivityError as error:
                if not is_route_down(error):
                    raise
                route += 1
                continue
            if outcome.waits is None:
                return outcome
            await self._budget.wait(self._state.step, outcome.waits)

    async def _step(self, route: int, again: bool) -> StepOutcome:
        request = StepRequest(
            turn_id=self._message.turn_id,
            step=self._state.step,
            incoming=self._message if self._state.step == 0 else None,
            route=route,
            must_answer=self._state.must_answer,
            notice=self._recalled.notice,
            again=again,
        )
        return await workflow.execute_activity_method(
            Steps.step,
            request,
            summary=f"model, step {self._state.step + 1}" + (f", fallback {route}" if route else ""),
            **policies.MODEL.options(),
        )

    async def _use_all(self, calls: Sequence[ToolCallRef], step: int) -> None:
        """Run calls that may run beside each other, those that somebody is asked about after the answer."""
        while calls:
            used = await asyncio.gather(*(self._use(call, step) for call in calls))
            if waiting := [wait for wait in used if wait]:
                await self._waits.for_all(waiting)
            calls = [call for call, wait in zip(calls, used, strict=True) if wait and wait.asks]

    async def _use(self, call: ToolCallRef, step: int) -> Wait | None:
        """Run a call; what it waits for, if it has no result yet."""
        workflow.set_current_details(f"step {step + 1}: {call.label}")
        self._wrote = self._wrote or call.effect is Effect.WRITE
        try:
            outcome = await while_store_is_away(partial(self._run, call, step))
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            # The model reads that this call brought no result, and goes on from there.
            workflow.logger.warning("turn %s: %s brought no result: %s", self._message.turn_id, call.name, error.cause)
            return None
        if not outcome.waits:
            return None
        return Wait(CallPlace(step=step, call_id=call.id), outcome.waits, outcome.asks)

    async def _run(self, call: ToolCallRef, step: int, again: bool) -> ToolOutcome:
        return await workflow.execute_activity_method(
            Tools.run,
            ToolRequest(turn_id=self._message.turn_id, step=step, call=call),
            summary=call.label,
            task_queue=call.queue or None,
            **policies.tool(call.timeout_s, call.effect).options(),
        )

    async def _close(self, status: TurnStatus, error: BaseException) -> TurnStatus:
        """How the turn ended: as ``status``, unless its answer was stored before that."""
        workflow.set_current_details(f"ending as {status}")
        reason = apology(error) if status == "failed" else ""
        request = CloseRequest(incoming=self._message, status=status, reason=reason, will_look=self._will_look)
        return await close_turn(request)

    async def _tell(self, status: TurnStatus) -> None:
        """Send the reply, and let the next message begin: after it, but not behind one that is held up.

        A conversation that sees this turn close needs no other word, if nothing keeps it from closing.
        """
        delivery = asyncio.ensure_future(self._deliver(status))
        if workflow.memo_value(attributes.REPORTS, False, type_hint=bool):
            if self._message.deliver_to is not None:
                await workflow.wait([delivery], timeout=HELD_UP.total_seconds())
            else:
                await delivery
            if not (self._is_watched and delivery.done()):
                await self._tell_end()
        await delivery

    @property
    def _is_watched(self) -> bool:
        return workflow.memo_value(attributes.WATCHED, False, type_hint=bool)

    async def _leave(self) -> None:
        """The last thing before the end; what comes after it, Temporal does not let pass unread."""
        if self._is_asked and not self._told_end:
            await self._tell_end()

    async def _tell_end(self) -> None:
        self._told_end = True
        await report(self._message, "ended")

    async def _deliver(self, status: TurnStatus) -> None:
        delivered = await deliver(self._message, status)
        workflow.set_current_details(status if delivered else f"{status}, but the reply could not be delivered")
        workflow.upsert_search_attributes(
            [
                attributes.STATUS.value_set(status if delivered else "undelivered"),
                attributes.MODEL.value_set(self._state.model or "none"),
                attributes.TOKENS.value_set(self._state.usage.input_tokens + self._state.usage.output_tokens),
            ]
        )

    @workflow.signal(description="Its conversation goes on as another run, which does not see it close.")
    def report_end(self) -> None:
        self._is_asked = True

    @workflow.signal(description="The result of a call has come from outside and is in the store.")
    def arrived(self, place: CallPlace) -> None:
        self._waits.arrived(place)

    @workflow.signal(description="A budget was raised: a turn that waits for one asks again.")
    def budget_raised(self) -> None:
        self._budget.raised()

    @workflow.signal(description="A person has answered whether a call may run.")
    def answered(self, place: CallPlace) -> None:
        self._waits.answered(place)


async def _uninterrupted(work: Coroutine[None, None, T]) -> T:
    """Finish ``work`` even when a stop comes meanwhile: it comes too late."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        return await task
