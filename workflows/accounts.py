"""Connecting an account: by a token that is checked before it is kept, or in the person's browser."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from clara.accounts import ConnectOutcome, ConnectRequest, SignInOutcome, SignInStep
from temporal import policies
from temporal.contracts.accounts import AccountChecks, AccountSignIns
from temporal.failures import apology
from temporal.starting.accounts import SIGN_IN, WORKFLOW


@workflow.defn(name=WORKFLOW)
class ConnectAccountWorkflow:
    """Its id is ``account/<reference>``. Its history names the person and the service, and holds no token."""

    @workflow.run
    async def run(self, request: ConnectRequest) -> ConnectOutcome:
        return await workflow.execute_activity_method(
            AccountChecks.connect,
            request,
            summary=f"check an account with {request.service}",
            **policies.CHECK.options(),
        )


@workflow.defn(name=SIGN_IN)
class AccountSignInWorkflow:
    """Has one step done, for whoever has no part in activities: the web service and commands."""

    @workflow.run
    async def run(self, step: SignInStep) -> SignInOutcome:
        try:
            return await _done(step)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return SignInOutcome(done=False, text=f"That did not work: {apology(error)}")


async def _done(step: SignInStep) -> SignInOutcome:
    options = policies.LOGIN.options()
    if step.step == "finish":
        return await workflow.execute_activity_method(
            AccountSignIns.finish, step.sign_in_id, summary="finish a sign-in", **options
        )
    assert step.request is not None
    activity = AccountSignIns.begin if step.step == "begin" else AccountSignIns.end
    return await workflow.execute_activity_method(activity, step.request, summary=f"{step.step} a sign-in", **options)
