"""Connecting an account: its token is checked at the service before it is kept."""

from temporalio import workflow

from clara.accounts import ConnectOutcome, ConnectRequest
from temporal import policies
from temporal.contracts.accounts import AccountChecks
from temporal.starting.accounts import WORKFLOW


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
