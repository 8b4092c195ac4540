"""Steps of logins at plugins, for whoever has no part in activities: the web service, commands, the operator."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from clara.plugins.logins import LoginOutcome, LoginRequest, LoginStep
from clara.plugins.requests import PluginRequest
from temporal import policies, queues
from temporal.contracts.logins import Logins
from temporal.failures import apology
from temporal.starting.logins import WORKFLOW
from temporal.starting.plugins import REFRESH
from workflows.notices import notify


@workflow.defn(name=WORKFLOW)
class PluginLoginWorkflow:
    """Has one step done by the workers of plugins, and tells the person where they asked."""

    @workflow.run
    async def run(self, step: LoginStep) -> LoginOutcome:
        try:
            outcome = await self._done(step)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return LoginOutcome(done=False, text=f"That did not work: {apology(error)}")
        if outcome.connected is not None:
            await _look_again(outcome.connected)
        if outcome.notice is not None:
            await notify(outcome.notice)
        return outcome

    async def _done(self, step: LoginStep) -> LoginOutcome:
        options = policies.LOGIN.options()
        if step.step == "finish":
            return await workflow.execute_activity_method(
                Logins.finish, step.login_id, task_queue=queues.PLUGINS, summary="finish a login", **options
            )
        assert step.request is not None
        activity = Logins.begin if step.step == "begin" else Logins.end
        return await workflow.execute_activity_method(
            activity, step.request, task_queue=queues.PLUGINS, summary=f"{step.step} a login", **options
        )


async def _look_again(connected: LoginRequest) -> None:
    """Many servers tell what tools they have only to somebody whom they know. Nobody waits for it."""
    request = PluginRequest(plugin_id=connected.plugin_id, user_id=connected.user_id)
    try:
        await workflow.start_child_workflow(
            REFRESH,
            request,
            id=f"plugin/{request.plugin_id}/refresh",
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary="refresh a plugin",
        )
    except WorkflowAlreadyStartedError:
        return
