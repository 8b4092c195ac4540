"""One conversation: it answers its messages one after the other, each exactly once.

It begins turns and does not wait inside them: a turn reports by a signal that it has ended, or that it
waits for something outside and lets the next message pass. So the conversation can continue as new at
any moment, however long a turn takes and however much is said meanwhile.
"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle

from clara.conversation import ConversationStatus, Inbox, OpenTurn, Stop, TurnReport
from clara.messages import Incoming
from temporal import attributes, policies
from temporal.contracts.turns import Turns
from workflows.conversations.awaiting import Awaiting
from workflows.conversations.losing import apologise, has_spoken
from workflows.conversations.starting import start_turn
from workflows.turns.turn import TurnWorkflow

IDLE = timedelta(hours=1)
"""A conversation with nothing to do ends; the next message starts it again under the same id."""

HISTORY_LIMIT = 500
"""Events of one run, about 30 turns: replaying them after a worker's restart stays below a second."""

HISTORY_BYTES = 2 * 2**20
"""Of one run: large messages reach this before the other limit."""

FIRST_LOOK = timedelta(minutes=1)
LAST_LOOK = timedelta(hours=1)
"""Pauses between looks at turns whose sudden end nobody would report: those that an earlier run began."""


@workflow.defn(name="Conversation")
class ConversationWorkflow:
    """The inbox of one conversation; its id is ``conversation/<platform>/<channel>``."""

    @workflow.init
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._awaiting = Awaiting(inbox)
        self._cancelled: set[str] = set()
        self._watched: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rests = False

    @workflow.run
    async def run(self, inbox: Inbox) -> None:
        # By what a run was started with and not by a patch, which costs each run two events and an indexing.
        if not inbox.watches and not workflow.patched("reports"):
            return await self._awaiting.run(IDLE)
        if self._unwatched():
            self._go(self._look_after(FIRST_LOOK))
        while True:
            busy = self._inbox.queue or self._inbox.turns
            try:
                await workflow.wait_condition(self._is_woken, timeout=None if busy else IDLE)
            except TimeoutError:
                if not self._is_due():
                    return
            if self._may_rest() and not self._is_due():
                return
            if _is_long():
                await self._ask_for_reports()
                workflow.continue_as_new(self._inbox.model_copy(update={"watches": True}))
            if self._inbox.is_full != _is_full():
                workflow.upsert_memo({attributes.FULL: self._inbox.is_full})
            await self._cancel_stopped()
            if self._inbox.next is not None:
                await self._begin()
            self._describe()

    def _is_due(self) -> bool:
        return (
            self._inbox.next is not None
            or bool(self._to_cancel())
            or self._inbox.is_full != _is_full()
            or (bool(self._inbox.turns) and _is_long())
        )

    def _is_woken(self) -> bool:
        return self._is_due() or self._may_rest()

    def _may_rest(self) -> bool:
        return self._rests and not self._inbox.queue and not self._inbox.turns

    async def _begin(self) -> None:
        turn = self._inbox.begin()
        turn.reports_end = not self._inbox.watches
        try:
            handle = await start_turn(turn.message, reports=True, watched=not turn.reports_end)
        except WorkflowAlreadyStartedError:
            # Heard before, by a run of this conversation that no longer remembers it. It may still
            # be at work, and the next message must not overtake it.
            await self._ask_for_reports()
            self._go(self._look_after(timedelta(0)))
        else:
            self._watched.add(turn.id)
            self._go(self._watch(handle, turn))

    async def _watch(self, handle: ChildWorkflowHandle[TurnWorkflow, object], turn: OpenTurn) -> None:
        """Notice a turn that ends without a word, as long as this run lasts."""
        try:
            await handle
        except ChildWorkflowError as error:
            if not has_spoken(error) and self._inbox.find(turn.id):
                await apologise(turn.message, error)
        self._close(turn.id)

    async def _ask_for_reports(self) -> None:
        """Have turns tell of their end: their closing is seen by the run that began them, and by no other."""
        for turn in list(self._inbox.turns):
            if turn.reports_end:
                continue
            try:
                await workflow.get_external_workflow_handle(turn.id).signal("report_end")
            except FailureError:
                self._close(turn.id)  # closed already
            turn.reports_end = True

    async def _look_after(self, pause: timedelta) -> None:
        """Notice turns that ended without a word and are no children of this run."""
        while True:
            await workflow.sleep(pause)
            pause = min(max(2 * pause, FIRST_LOOK), LAST_LOOK)
            unwatched = self._unwatched()
            if not unwatched:
                return
            for turn_id in unwatched:
                if not await self._is_open(turn_id) and (turn := self._inbox.find(turn_id)):
                    await apologise(turn.message, None)
                    self._close(turn_id)

    def _unwatched(self) -> list[str]:
        return [turn.id for turn in self._inbox.turns if turn.state != "waiting" and turn.id not in self._watched]

    async def _is_open(self, turn_id: str) -> bool:
        try:
            return await workflow.execute_activity_method(
                Turns.is_open, turn_id, **policies.STORE.options(), summary="look after a turn"
            )
        except ActivityError as error:
            workflow.logger.error("%s could not be looked at: %s", turn_id, error.cause)
            return True

    def _to_cancel(self) -> list[OpenTurn]:
        return [turn for turn in self._inbox.turns if turn.stopping and turn.id not in self._cancelled]

    async def _cancel_stopped(self) -> None:
        for turn in self._to_cancel():
            self._cancelled.add(turn.id)
            try:
                await workflow.get_external_workflow_handle(turn.id).cancel()
            except FailureError as error:
                # Closed meanwhile; nobody watches a turn that waits, so this is where its loss is noticed.
                workflow.logger.info("%s could not be stopped: %s", turn.id, error)
                if turn.id not in self._watched and self._inbox.find(turn.id):
                    turn.state = "running"
                    self._go(self._look_after(timedelta(0)))

    def _close(self, turn_id: str) -> None:
        self._inbox.report(TurnReport(turn_id=turn_id, state="ended"))

    def _go(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _describe(self) -> None:
        status = self._inbox.status()
        doing = f"answering `{status.running}`" if status.running else "waiting for messages"
        aside = f"; {len(status.parked)} waiting for something outside" if status.parked else ""
        workflow.set_current_details(f"{doing}; {len(status.waiting)} in the queue{aside}")

    @workflow.signal(description="A message to be answered; repeats of its id are ignored.")
    def receive(self, message: Incoming) -> None:
        self._inbox.push(message)

    @workflow.signal(description="Stop the message that is being answered, or the named one.")
    def stop(self, wish: Stop) -> None:
        if self._inbox.stop(wish) is not None:
            self._awaiting.cancel()

    @workflow.signal(description="Its person is forgotten: end as soon as nothing waits here.")
    def rest(self) -> None:
        self._rests = True

    @workflow.signal(description="What a turn tells of itself.")
    def report(self, report: TurnReport) -> None:
        self._inbox.report(report)

    @workflow.query(description="What is being answered and what waits.")
    def status(self) -> ConversationStatus:
        return self._inbox.status()


def _is_long() -> bool:
    info = workflow.info()
    return info.get_current_history_length() >= HISTORY_LIMIT or info.get_current_history_size() >= HISTORY_BYTES


def _is_full() -> bool:
    """What is told to those who would send more."""
    full: bool = workflow.memo_value(attributes.FULL, False, type_hint=bool)
    return full
