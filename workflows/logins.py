"""Steps of logins at plugins, for whoever has no part in activities: the web service, commands, the operator."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from clara.plugins.logins import LoginOutcome, LoginStep
from temporal import policies, queues
from temporal.contracts.logins import Logins
from temporal.failures import apology
from temporal.logins import WORKFLOW
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
