"""Sending what no turn brings, once by its key."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from clara.notices import Notice, NoticeRequest, notice_id
from temporal import policies
from temporal.contracts.notices import Notices
from temporal.starting.notices import WORKFLOW
from workflows.delivery import deliver_notice


@workflow.defn(name=WORKFLOW)
class NoticeWorkflow:
    """Sends one notice that is in the store; its id is ``notice/<key>``, so a repeat is ignored."""

    @workflow.run
    async def run(self, request: NoticeRequest) -> None:
        sent = await deliver_notice(request)
        workflow.set_current_details("sent" if sent else "kept, but it could not be sent")


async def notify(notice: Notice) -> None:
    """Send a notice from a workflow, once by its key; returns when it is kept, and does not wait until it is sent.

    Its text goes into the calling workflow's history: where an activity has it, that calls
    ``activities.notices.notify`` instead.
    """
    await workflow.execute_activity_method(
        Notices.keep, notice, summary=f"keep a notice for {notice.to.id}", **policies.STORE.options()
    )
    try:
        await workflow.start_child_workflow(
            NoticeWorkflow.run,
            NoticeRequest.of(notice),
            id=notice_id(notice.key),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"a notice for {notice.to.id}",
        )
    except WorkflowAlreadyStartedError:
        return
