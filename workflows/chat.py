"""Handing an action to the adapter of its platform, which alone can carry it out."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from clara.chat import ChatRequest
from temporal import policies, queues
from temporal.contracts.chat import Chat
from temporal.starting.chat import WORKFLOW


@workflow.defn(name=WORKFLOW)
class ChatActionWorkflow:
    """Has one action carried out that is in the store; its id is ``chat/<key of the tool call>``."""

    @workflow.run
    async def run(self, request: ChatRequest) -> None:
        try:
            await workflow.execute_activity_method(
                Chat.act,
                request,
                task_queue=queues.delivery(request.platform),
                summary=request.kind,
                **policies.CHAT.options(),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            # Whoever asked finds no outcome in the store, and says so.
            workflow.logger.warning("%s of %s brought no outcome: %s", request.kind, request.key, error.cause)
