"""What is done with memories beside a turn: learning from it, and commands of its person."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from clara.memory.requests import LostRequest, MemoryCommand, MemoryReply, RememberRequest, StoreOutcome
from temporal import policies
from temporal.contracts.memory import Memory


@workflow.defn(name="Remember")
class RememberWorkflow:
    """Learns from one turn, after its reply; its id is ``remember/<turn id>``.

    Its history carries counts only: facts and what became of them are in the store, where a person
    who wants to be forgotten is forgotten.
    """

    @workflow.run
    async def run(self, request: RememberRequest) -> StoreOutcome:
        try:
            return await self._learn(request)
        except ActivityError as error:
            if not is_cancelled_exception(error) and workflow.patched("give up"):
                lost = LostRequest(turn_id=request.turn_id, kind=_kind(error))
                await workflow.execute_activity_method(
                    Memory.give_up, lost, summary="keep that it failed", **policies.STORE.options()
                )
            raise

    async def _learn(self, request: RememberRequest) -> StoreOutcome:
        workflow.set_current_details("looking for facts in the message")
        extracted = await workflow.execute_activity_method(
            Memory.extract, request, summary="find facts", **policies.MODEL.options()
        )
        if extracted.is_empty:
            workflow.set_current_details(f"nothing to remember ({len(extracted.rejected)} refused)")
            return StoreOutcome()
        await workflow.execute_activity_method(
            Memory.reconcile, request, summary="compare with what is known", **policies.MODEL.options()
        )
        stored = await workflow.execute_activity_method(
            Memory.store, request, summary="remember", **policies.STORE.options()
        )
        workflow.set_current_details(f"{stored.added} new, {stored.replaced} replaced, {stored.dropped} known already")
        return stored


def _kind(error: ActivityError) -> str:
    return (error.cause.type if isinstance(error.cause, ApplicationError) else None) or "timeout"


@workflow.defn(name="MemoryCommand")
class MemoryCommandWorkflow:
    """Does what a person asks of their own memory, from an adapter that has no part in activities."""

    @workflow.run
    async def run(self, command: MemoryCommand) -> MemoryReply:
        return await workflow.execute_activity_method(
            Memory.command, command, summary=f"memory {command.name}", **policies.STORE.options()
        )
